using System.Runtime.InteropServices;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>What the files of a run with faults have other than those of a run without, in samples.</summary>
/// <param name="Files">Files compared.</param>
/// <param name="Compared">Samples of the run without faults.</param>
/// <param name="Lost">Samples that are missing, at the end of a file or with a whole file.</param>
/// <param name="Doubled">Samples beyond the end of a file.</param>
/// <param name="Different">Samples that are others at their place: silence in place of audio, or a shift.</param>
internal sealed record Damage(int Files, long Compared, long Lost, long Doubled, long Different)
{
    /// <summary>A sentence a file that is not as it should be: what it lacks, and between which of its samples.</summary>
    public IReadOnlyList<string> Details { get; private init; } = [];

    public bool IsNone => Lost == 0 && Doubled == 0 && Different == 0;

    public static Damage Between(string expected, string actual)
    {
        var files = Directory.GetFiles(expected, "*.pcm");
        var damage = files.Aggregate(new Damage(files.Length, 0, 0, 0, 0), (sum, file) => sum.Plus(file, Path.Combine(actual, Path.GetFileName(file))));
        var known = files.Select(Path.GetFileName).ToHashSet();
        long unknown = Directory.GetFiles(actual, "*.pcm").Where(file => !known.Contains(Path.GetFileName(file))).Sum(file => new FileInfo(file).Length / sizeof(short));
        return damage with { Doubled = damage.Doubled + unknown };
    }

    private Damage Plus(string expected, string actual)
    {
        var left = Samples(expected);
        var right = File.Exists(actual) ? Samples(actual) : [];
        int both = Math.Min(left.Length, right.Length);
        var (different, silent, first, last) = (0L, 0L, -1, -1);
        for (int i = 0; i < both; i++)
        {
            if (left[i] == right[i])
                continue;
            different++;
            silent += right[i] == 0 ? 1 : 0;
            (first, last) = (first < 0 ? i : first, i);
        }

        var sum = new Damage(Files, Compared + left.Length, Lost + left.Length - both, Doubled + right.Length - both, Different + different);
        bool isWhole = left.Length == right.Length && different == 0;
        string detail = $"{Path.GetFileName(actual)}: {right.Length} samples for {left.Length}, {different} different, {silent} of them silent, from {first} to {last}";
        return sum with { Details = isWhole ? Details : [.. Details, detail] };
    }

    private static ReadOnlySpan<short> Samples(string file) => MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(file));
}
