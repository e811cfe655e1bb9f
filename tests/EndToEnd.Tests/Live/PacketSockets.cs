namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Who listens on interfaces, as packet(7) shows it: one line a socket of a network, with its interface, and whether it is running.</summary>
internal static class PacketSockets
{
    private const int Interface = 4;
    private const int IsRunning = 5;

    /// <summary>How many are running in the network of a process, on one interface of this process's network, or on any.</summary>
    public static int Running(int process, string? device = null)
    {
        string? index = device is null ? null : IndexOf(device);
        try
        {
            var sockets = File.ReadLines($"/proc/{process}/net/packet").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            return sockets.Count(socket => socket[IsRunning] == "1" && (index is null || socket[Interface] == index));
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string IndexOf(string device) =>
        File.ReadAllText($"/sys/class/net/{device}/ifindex").Trim();
}
