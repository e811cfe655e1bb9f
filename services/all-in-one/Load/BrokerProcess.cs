using System.Globalization;

namespace CallMirror.AllInOne.Load;

/// <summary>Finds the process that listens on a port of this machine, where we may see it (proc(5): <c>/proc/net/tcp</c>, <c>/proc/PID/fd</c>).</summary>
internal static class BrokerProcess
{
    private const string Listening = "0A";
    private const int DefaultPort = 5672;

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The port of a broker's URI.</summary>
    public static int PortOf(Uri broker) => broker.Port > 0 ? broker.Port : DefaultPort;

    /// <summary>The broker's process, where it runs on this machine.</summary>
    public static ProcessMeter? Find(Uri broker)
    {
        int port = PortOf(broker);
        var sockets = Tables.Where(File.Exists).SelectMany(File.ReadLines).Select(line => Socket(line, port)).OfType<string>().ToHashSet();
        if (!broker.IsLoopback || sockets.Count == 0)
            return null;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out int id) && Holds(folder, sockets))
                return new ProcessMeter("broker", id);
        return null;
    }

    // "  0: 0100007F:1628 00000000:0000 0A ... inode ..."
    private static string? Socket(string line, int port)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 9 && fields[3] == Listening && fields[1].EndsWith(":" + port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            ? $"socket:[{fields[9]}]"
            : null;
    }

    private static bool Holds(string folder, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
