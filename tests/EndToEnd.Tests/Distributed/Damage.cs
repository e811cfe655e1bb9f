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
        long different = 0;
        for (int i = 0; i < both; i++)
            different += left[i] == right[i] ? 0 : 1;
        return new Damage(Files, Compared + left.Length, Lost + left.Length - both, Doubled + right.Length - both, Different + different);
    }

    private static ReadOnlySpan<short> Samples(string file) => MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(file));
}
