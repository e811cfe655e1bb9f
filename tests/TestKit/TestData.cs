using System.IO.Compression;

namespace CallMirror.TestKit;

/// <summary>Finds the files under <c>tests/data</c>, wherever the tests run from.</summary>
public static class TestData
{
    private const string RootMarker = "Microservices.sln";

    /// <summary>The repository's top folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Full path of a file such as <c>captures/ipv6/mirror.pcap</c>.</summary>
    public static string Path(string relative) => System.IO.Path.Combine(Root, "tests", "data", relative);

    /// <summary>All captures there are, by name.</summary>
    public static IEnumerable<string> CaptureNames =>
        Directory.EnumerateDirectories(Path("captures")).Select(folder => System.IO.Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    /// <summary>Full path of a capture's packets; a large one is stored compressed and is unpacked once into the temporary folder.</summary>
    public static string Capture(string name)
    {
        foreach (string file in (ReadOnlySpan<string>)["mirror.pcap", "mirror.pcapng"])
        {
            string path = Path($"captures/{name}/{file}");
            if (File.Exists(path))
                return path;
            if (File.Exists(path + ".br"))
                return Unpacked(path + ".br", name, file);
        }

        throw new FileNotFoundException($"There is no capture named {name}.");
    }

    private static string Unpacked(string packed, string name, string file)
    {
        string folder = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "callmirror-tests", name);
        string path = System.IO.Path.Combine(folder, file);
        if (File.Exists(path) && File.GetLastWriteTimeUtc(path) >= File.GetLastWriteTimeUtc(packed))
            return path;
        Directory.CreateDirectory(folder);
        // Several test processes may unpack at once: each writes its own file and moves it into place.
        string mine = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        using (var from = new BrotliStream(File.OpenRead(packed), CompressionMode.Decompress))
        using (var to = File.Create(mine))
            from.CopyTo(to);
        File.Move(mine, path, overwrite: true);
        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, RootMarker)))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds {RootMarker}.");
    }
}
