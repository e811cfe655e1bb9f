using CallMirror.Contracts.Media;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Contracts.Tests.Media;

/// <summary>Any content that a message can have.</summary>
internal static class Contents
{
    private static readonly Gen<long> Number = ArbMap.Default.GeneratorFor<long>();
    private static readonly Gen<byte> Byte = ArbMap.Default.GeneratorFor<byte>();
    private static readonly Gen<uint> Word = ArbMap.Default.GeneratorFor<uint>();

    private static readonly Gen<Content.Run> Runs =
        from position in Number
        from ssrc in Word
        from timestamp in Word
        from codec in Gen.Elements(MediaCodec.Pcma, MediaCodec.Pcmu, MediaCodec.L16, (MediaCodec)99)
        from flags in Gen.Elements(RunFlags.None, RunFlags.History)
        from payload in ArbMap.Default.GeneratorFor<byte[]>()
        select new Content.Run(
            new RunHeader { Position = position, Ssrc = ssrc, Timestamp = timestamp, Codec = codec, Flags = flags },
            codec == MediaCodec.L16 ? [.. payload, .. payload] : payload);

    private static readonly Gen<MediaMark> Marks =
        from position in Number
        from kind in Gen.Choose(0, 255)
        from code in Byte
        from value in Word
        select new MediaMark { Position = position, Kind = (MarkKind)kind, Code = code, Value = value };

    private static readonly Gen<Content.Section> Sections =
        from role in Byte
        from flags in Gen.Elements(SectionFlags.None, SectionFlags.Open)
        from through in Number
        from runs in Runs.ListOf()
        from marks in Marks.ListOf()
        select new Content.Section(role, flags, through, [.. runs], [.. marks]);

    public static Gen<Content> Any { get; } =
        (from kind in Gen.Elements(MediaKind.RtpBatch, MediaKind.L16Chunk)
         from source in Word
         from sequence in Word
         from rate in Gen.Choose(1, 384_000)
         from epoch in Number
         from capturedAt in Number
         from callId in ArbMap.Default.GeneratorFor<NonNull<string>>()
         from sections in Sections.ListOf()
         select new Content(
             new MediaHeader { Kind = kind, Source = source, Sequence = sequence, SampleRate = rate, Epoch = epoch, CapturedAt = capturedAt },
             new string([.. callId.Get.Where(c => !char.IsSurrogate(c))]),
             [.. sections.Take(3)]));
}
