using System.Buffers.Binary;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>A section to be written: its runs as stretches of positions, whose samples are those of <see cref="Pcm"/>.</summary>
internal sealed record Section(byte Role, long Through)
{
    public (long From, long To)[] Runs { get; init; } = [];

    public MediaMark[] Marks { get; init; } = [];

    public MediaCodec Codec { get; init; } = MediaCodec.L16;

    /// <summary>By how much its capture's clock is ahead, in samples: positions are written that much higher, timestamps and samples are not.</summary>
    public long Skew { get; init; }

    /// <summary>The last run may go on at <see cref="Through"/>.</summary>
    public bool Open { get; init; }

    public uint Ssrc { get; init; } = 7;

    /// <summary>What the RTP clock (8 kHz) is ahead of the positions.</summary>
    public uint Ahead { get; init; }

    public static Section Audio(byte role, long from, long to) => new(role, to) { Runs = [(from, to)] };
}

/// <summary>Samples that tell their position and role, none of them zero.</summary>
internal static class Pcm
{
    public static short Sample(int role, long position) => (short)(((position % 32_000) * (role == 0 ? 1 : -1)) + (role == 0 ? 1 : -1));

    public static byte[] Bytes(int role, long from, long to)
    {
        byte[] bytes = new byte[(to - from) * 2];
        for (long position = from; position < to; position++)
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan((int)(position - from) * 2), Sample(role, position));
        return bytes;
    }

    public static byte[] Silence(long samples) => new byte[samples * 2];
}

/// <summary>Writes chunks as the transcoder does.</summary>
internal static class Chunks
{
    public const string CallId = "call-1@pbx";

    /// <summary>When calls begin.</summary>
    public static readonly DateTimeOffset StartedAt = new(2026, 3, 4, 5, 6, 7, 891, TimeSpan.FromHours(2));

    public const int Rate = 16_000;
    public const int Window = 1600;
    private const long NanosecondsPerSample = 1_000_000_000 / Rate;

    /// <summary>The call.</summary>
    public static CallKey Key => KeyOf(CallId);

    /// <summary>A call of another Call-ID, or a later one of the same.</summary>
    public static CallKey KeyOf(string callId, TimeSpan later = default) => new(callId, CaptureTime.ToNanoseconds(StartedAt + later));

    public static MediaDelivery Chunk(uint sequence, params Section[] sections) => Chunk(sequence, CapturedAt(sequence), sections);

    public static MediaDelivery Chunk(uint sequence, long capturedAt, Section[] sections, uint source = 1, string callId = CallId, int rate = Rate, MediaKind kind = MediaKind.L16Chunk, TimeSpan later = default) =>
        new(Write(sequence, capturedAt, sections, source, callId, rate, kind, later), sequence, Redelivered: false);

    public static long CapturedAt(uint sequence) => (sequence + 1L) * Window * NanosecondsPerSample;

    public static MediaBuffer Write(uint sequence, long capturedAt, Section[] sections, uint source = 1, string callId = CallId, int rate = Rate, MediaKind kind = MediaKind.L16Chunk, TimeSpan later = default)
    {
        var buffer = new MediaBuffer();
        var header = new MediaHeader { Kind = kind, Source = source, Sequence = sequence, SampleRate = rate, Epoch = KeyOf(callId, later).EpochNs, CapturedAt = capturedAt };
        var writer = new MediaMessageWriter(buffer, header, callId);
        foreach (var section in sections)
        {
            writer.BeginSection(section.Role, section.Open ? SectionFlags.Open : SectionFlags.None, section.Through < 0 ? -1 : section.Through + section.Skew);
            foreach (var (from, to) in section.Runs)
                writer.AddRun(new RunHeader { Position = from + section.Skew, Ssrc = section.Ssrc, Timestamp = (uint)(from / 2) + section.Ahead, Codec = section.Codec }, Pcm.Bytes(section.Role, from, to));
            foreach (var mark in section.Marks)
                writer.AddMark(mark with { Position = mark.Position + section.Skew });
        }

        return buffer;
    }

    public static MediaMark End(long position, EndReason reason = EndReason.Bye) => new() { Kind = MarkKind.End, Position = position, Code = (byte)reason };

    public static MediaMark Dtmf(long position, byte digit) => new() { Kind = MarkKind.Dtmf, Position = position, Code = digit };

    /// <summary>A call of both roles: windows of audio, and the ends of both in a last chunk.</summary>
    public static List<MediaBuffer> Call(int windows, string callId = CallId, long from = 320, TimeSpan later = default)
    {
        var chunks = new List<MediaBuffer>();
        for (uint i = 0; i < windows; i++)
        {
            long start = from + (i * Window);
            chunks.Add(Write(i, CapturedAt(i), [Section.Audio(0, start, start + Window), Section.Audio(1, start, start + Window)], callId: callId, later: later));
        }

        long end = from + (windows * Window);
        Section[] ends = [new(0, end) { Marks = [End(end)] }, new(1, end) { Marks = [End(end)] }];
        chunks.Add(Write((uint)windows, CapturedAt((uint)windows), ends, callId: callId, later: later));
        return chunks;
    }
}
