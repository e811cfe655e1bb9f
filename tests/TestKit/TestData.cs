namespace CallMirror.TestKit;

/// <summary>Finds the files under <c>tests/data</c>, wherever the tests run from.</summary>
public static class TestData
{
    private const string RootMarker = "Microservices.sln";
    private static readonly string s_root = FindRoot();

    /// <summary>Full path of a file such as <c>captures/ipv6/mirror.pcap</c>.</summary>
    public static string Path(string relative) => System.IO.Path.Combine(s_root, "tests", "data", relative);

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
