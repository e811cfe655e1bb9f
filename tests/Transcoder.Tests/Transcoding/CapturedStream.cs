using CallMirror.Audio.G711;
using CallMirror.Contracts.Media;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Transcoder.Tests.Transcoding;

/// <summary>A stream as it was on the wire, sample by sample, and the places where capture cuts it into batches.</summary>
/// <param name="Samples">One a position; null where there was silence.</param>
/// <param name="Cuts">Positions, ascending; equal ones make a batch with nothing new.</param>
/// <param name="Hesitant">Capture does not yet know, at a cut where a stretch ends, whether it goes on.</param>
internal sealed record CapturedStream(CapturedStream.Sample?[] Samples, int[] Cuts, bool Hesitant)
{
    /// <summary>Streams of some stretches and gaps, codec and SSRC changes within a stretch, long and short, cut anywhere.</summary>
    public static Gen<CapturedStream> Any { get; } =
        (from parts in Gen.Elements(true, true, true, false).Zip(Gen.OneOf(Gen.Choose(1, 40), Gen.Choose(1, 500))).ListOf()
         from seed in Gen.Choose(0, int.MaxValue)
         from cuts in Gen.OneOf(Gen.Choose(0, 40), Gen.Choose(0, 300)).ListOf()
         from hesitant in Gen.Elements(true, false)
         select Make([.. parts], seed, [.. cuts], hesitant));

    public override string ToString() =>
        $"{string.Concat(Samples.Select(sample => sample is { } s ? (char)('A' + (s.Part % 26)) : '.'))} cut at {string.Join(' ', Cuts)}{(Hesitant ? ", hesitant" : "")}";

    private int Length => Samples.Length;

    /// <summary>The same stream, in one batch.</summary>
    public CapturedStream InOneBatch() => this with { Cuts = [], Hesitant = false };

    public IEnumerable<byte[]> Batches()
    {
        int from = 0;
        bool open = false;
        foreach (int through in Cuts.Append(Length))
        {
            int historyFrom = open ? Math.Max(StretchStart(from), from - MediaLayout.HistorySamples) : from;
            bool atEnd = through == Length;
            open = !atEnd && IsSound(through - 1) && (Hesitant || IsSound(through));
            yield return Batch.Of(
                Batch.Header,
                through,
                open ? SectionFlags.Open : SectionFlags.None,
                [.. Runs(historyFrom, from, RunFlags.History), .. Runs(from, through, RunFlags.None)],
                atEnd ? [new MediaMark { Kind = MarkKind.End, Position = through, Code = 1 }] : []);
            from = through;
        }
    }

    /// <summary>The decoded samples, silence where there was none.</summary>
    public short[] Decoded() => [.. Samples.Select(sample => sample is { } s ? s.Value : (short)0)];

    public bool IsSound(int position) => position >= 0 && position < Length && Samples[position] is not null;

    private int StretchStart(int end)
    {
        while (IsSound(end - 1))
            end--;
        return end;
    }

    private IEnumerable<Batch.Run> Runs(int from, int to, RunFlags flags)
    {
        while (from < to)
        {
            int end = from + 1;
            while (end < to && Samples[end]?.Part == Samples[from]?.Part)
                end++;
            if (Samples[from] is { } first)
            {
                var header = new RunHeader { Position = from, Ssrc = first.Ssrc, Timestamp = first.Timestamp, Codec = first.Codec, Flags = flags };
                yield return new Batch.Run(header, [.. Samples[from..end].Select(sample => sample!.Value.Code)]);
            }

            from = end;
        }
    }

    private static CapturedStream Make((bool Sound, int Count)[] parts, int seed, int[] cuts, bool hesitant)
    {
        var random = new System.Random(seed);
        var samples = new List<Sample?>();
        for (int part = 0; part < parts.Length; part++)
        {
            var codec = random.Next(2) == 0 ? MediaCodec.Pcma : MediaCodec.Pcmu;
            uint ssrc = (uint)random.Next(1, 3);
            uint offset = (uint)random.NextInt64(uint.MaxValue);
            for (int i = 0; i < parts[part].Count; i++)
                samples.Add(parts[part].Sound ? new Sample((byte)random.Next(256), codec, ssrc, unchecked(offset + (uint)samples.Count), part) : null);
        }

        int at = 0;
        return new CapturedStream([.. samples], [.. cuts.Select(cut => at += cut).TakeWhile(cut => cut < samples.Count)], hesitant);
    }

    internal readonly record struct Sample(byte Code, MediaCodec Codec, uint Ssrc, uint Timestamp, int Part)
    {
        public short Value => Codec == MediaCodec.Pcma ? ALaw.Decode(Code) : MuLaw.Decode(Code);
    }
}
