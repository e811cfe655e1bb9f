using Xunit.Sdk;

namespace CallMirror.EndToEnd.Tests;

/// <summary>Compares the audio files of two folders byte by byte.</summary>
internal static class SameFiles
{
    public static void Assert(string expected, string actual, string pattern = "*.pcm")
    {
        var names = Names(expected, pattern);
        Xunit.Assert.NotEmpty(names);
        Xunit.Assert.Equal(names, Names(actual, pattern));
        foreach (string name in names)
        {
            byte[] left = File.ReadAllBytes(Path.Combine(expected, name));
            byte[] right = File.ReadAllBytes(Path.Combine(actual, name));
            if (!left.AsSpan().SequenceEqual(right))
                throw new XunitException($"{name} differs from byte {left.AsSpan().CommonPrefixLength(right)} on ({left.Length} and {right.Length} bytes)");
        }
    }

    private static List<string> Names(string folder, string pattern) =>
        [.. Directory.GetFiles(folder, pattern).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
