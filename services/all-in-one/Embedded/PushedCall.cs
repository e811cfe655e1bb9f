using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;

namespace CallMirror.AllInOne.Embedded;

/// <summary>The L16 chunks of a made-up call, of which only the caller speaks.</summary>
internal sealed class PushedCall(string callId, long epochNs, int rate)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private uint _sequence;
    private long _position;

    public string CallId { get; } = callId;

    /// <summary>The call.</summary>
    public CallKey Key { get; } = new(callId, epochNs);

    /// <summary>What makes a gateway follow the call: the caller's audio, in the clear.</summary>
    public MediaNegotiated Negotiated(DateTimeOffset startedAt) => new()
    {
        CallId = CallId,
        At = startedAt,
        StartedAt = startedAt,
        Version = 1,
        Streams = [new NegotiatedStream { Role = 0, Formats = [] }],
    };

    /// <summary>The next samples.</summary>
    public MediaBuffer Chunk(ReadOnlySpan<byte> samples)
    {
        var buffer = new MediaBuffer();
        var writer = Begin(buffer);
        long through = _position + samples.Length / sizeof(short);
        writer.BeginSection(role: 0, SectionFlags.Open, through);
        writer.AddRun(new RunHeader { Position = _position, Ssrc = 0, Timestamp = (uint)_position, Codec = MediaCodec.L16 }, samples);
        _position = through;
        return buffer;
    }

    /// <summary>The end of both streams; the callee's never began.</summary>
    public MediaBuffer End(EndReason reason)
    {
        var buffer = new MediaBuffer();
        var writer = Begin(buffer);
        writer.BeginSection(role: 0, SectionFlags.None, _position);
        writer.AddMark(new MediaMark { Position = _position, Kind = MarkKind.End, Code = (byte)reason });
        writer.BeginSection(role: 1, SectionFlags.None, through: -1);
        writer.AddMark(new MediaMark { Position = 0, Kind = MarkKind.End, Code = (byte)reason });
        return buffer;
    }

    private MediaMessageWriter Begin(MediaBuffer buffer)
    {
        var header = new MediaHeader
        {
            Kind = MediaKind.L16Chunk,
            Source = 0,
            Sequence = _sequence++,
            SampleRate = rate,
            Epoch = epochNs,
            CapturedAt = epochNs + _position * NanosecondsPerSecond / rate,
        };
        return new MediaMessageWriter(buffer, header, CallId);
    }
}
