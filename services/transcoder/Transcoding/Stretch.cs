using CallMirror.Audio.G711;
using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Transcoding;

/// <summary>Touching runs of one section, decoded into one signal. One is filled again and again, so that nothing is allocated per message.</summary>
internal sealed class Stretch
{
    private const int InitialSamples = 4096;

    private readonly List<RtpSpan> _spans = [];
    private short[] _samples = new short[InitialSamples];
    private int _count;

    /// <summary>Position of the first sample.</summary>
    public long Start { get; private set; }

    /// <summary>Position of the first sample that is new; <see cref="End"/> where all is history.</summary>
    public long NewFrom { get; private set; }

    /// <summary>Position after the last sample.</summary>
    public long End => Start + _count;

    /// <summary>True where there are no samples.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The decoded samples.</summary>
    public ReadOnlySpan<short> Samples => _samples.AsSpan(0, _count);

    /// <summary>Whose samples they are: parts within which SSRC and RTP timestamps run on.</summary>
    public IReadOnlyList<RtpSpan> Spans => _spans;

    /// <summary>Begins anew at a position.</summary>
    public void Restart(long position)
    {
        (Start, NewFrom, _count) = (position, position, 0);
        _spans.Clear();
    }

    /// <summary>Decodes a run that begins at <see cref="End"/>.</summary>
    public void Append(in RunHeader header, ReadOnlySpan<byte> payload)
    {
        if (_spans.Count == 0 || !_spans[^1].GoesOn(header))
            _spans.Add(new RtpSpan(header.Position, header.Ssrc, header.Timestamp));
        if (_count + payload.Length > _samples.Length)
            Array.Resize(ref _samples, Math.Max(_samples.Length * 2, _count + payload.Length));
        var room = _samples.AsSpan(_count, payload.Length);
        if (header.Codec == MediaCodec.Pcma)
            ALaw.Decode(payload, room);
        else
            MuLaw.Decode(payload, room);
        _count += payload.Length;
        if ((header.Flags & RunFlags.History) != 0)
            NewFrom = End;
    }
}

/// <summary>A part of a stretch within which SSRC and RTP timestamps run on.</summary>
/// <param name="Position">Position of its first sample.</param>
/// <param name="Ssrc">RTP SSRC.</param>
/// <param name="Timestamp">RTP timestamp of its first sample.</param>
internal readonly record struct RtpSpan(long Position, uint Ssrc, uint Timestamp)
{
    /// <summary>The RTP timestamp of the sample at a position, at the RTP clock.</summary>
    public uint TimestampAt(long position) => unchecked(Timestamp + (uint)(position - Position));

    /// <summary>True where a run that follows continues SSRC and timestamps.</summary>
    public bool GoesOn(in RunHeader next) => next.Ssrc == Ssrc && next.Timestamp == TimestampAt(next.Position);
}
