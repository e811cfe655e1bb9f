using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Tests.Transcoding;

/// <summary>Builds RTP batches of one section by hand.</summary>
internal static class Batch
{
    public static readonly MediaHeader Header = new()
    {
        Kind = MediaKind.RtpBatch,
        Source = 7,
        Sequence = 3,
        SampleRate = 8000,
        Epoch = 1_700_000_000_000_000_000,
        CapturedAt = 1_700_000_001_000_000_000,
    };

    public static byte[] Of(long through, SectionFlags flags, params Run[] runs) => Of(Header, through, flags, runs);

    public static byte[] Of(in MediaHeader header, long through, SectionFlags flags, Run[] runs, params MediaMark[] marks) =>
        Of(header, through, flags, runs, "call@pbx", marks);

    public static byte[] Of(in MediaHeader header, long through, SectionFlags flags, Run[] runs, string callId, params MediaMark[] marks)
    {
        using var buffer = new MediaBuffer();
        var writer = new MediaMessageWriter(buffer, header, callId);
        writer.BeginSection(0, flags, through);
        foreach (var run in runs)
            writer.AddRun(run.Header, run.Payload);
        foreach (var mark in marks)
            writer.AddMark(mark);
        return buffer.Memory.ToArray();
    }

    /// <summary>New samples of no particular sound, whose RTP timestamps are their positions.</summary>
    public static Run New(long position, int count, MediaCodec codec = MediaCodec.Pcma, uint ssrc = 1) =>
        new(new RunHeader { Position = position, Ssrc = ssrc, Timestamp = (uint)position, Codec = codec }, Sound(position, count));

    public static Run History(long position, int count, MediaCodec codec = MediaCodec.Pcma) =>
        new(New(position, count, codec).Header with { Flags = RunFlags.History }, Sound(position, count));

    /// <summary>The same byte at the same position, always.</summary>
    private static byte[] Sound(long position, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (byte)(((uint)(position + i) * 2654435761u) >> 24))];

    internal sealed record Run(RunHeader Header, byte[] Payload);
}
