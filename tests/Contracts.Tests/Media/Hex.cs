namespace CallMirror.Contracts.Tests.Media;

/// <summary>Bytes written as hex, with comments behind <c>#</c>; in a Markdown file, those of its <c>```hex</c> block.</summary>
internal static class Hex
{
    private const string Fence = "```";

    public static byte[] Read(string path) => [.. Lines(path).SelectMany(line => line.Bytes)];

    public static IReadOnlyList<(byte[] Bytes, string Comment)> Lines(string path)
    {
        IEnumerable<string> lines = File.ReadAllLines(path);
        if (path.EndsWith(".md", StringComparison.Ordinal))
            lines = lines.SkipWhile(line => line != Fence + "hex").Skip(1).TakeWhile(line => line != Fence);
        return [.. lines.Select(Line)];
    }

    private static (byte[] Bytes, string Comment) Line(string line)
    {
        string[] parts = line.Split('#', 2);
        return (Convert.FromHexString(parts[0].Replace(" ", "", StringComparison.Ordinal)), parts.ElementAtOrDefault(1)?.Trim() ?? "");
    }
}
