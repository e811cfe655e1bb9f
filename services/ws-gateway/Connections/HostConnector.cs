using System.Net;
using System.Net.Sockets;

namespace CallMirror.WsGateway.Connections;

/// <summary>Connects to a host by whichever of its addresses answers first (RFC 8305): one that is dead without a word costs a quarter of a second.</summary>
internal static class HostConnector
{
    // RFC 8305 §5, Connection Attempt Delay.
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects by TCP. Who gets the socket owns it.</summary>
    /// <param name="host">A name, or an address.</param>
    /// <param name="port">The TCP port.</param>
    /// <param name="time">The clock between two attempts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">The host has no address, or none of them answers.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        return await ConnectAsync(InTurns(await Dns.GetHostAddressesAsync(host, cancellationToken)), port, time, cancellationToken);
    }

    /// <summary>The same, where the addresses are known: in the order in which they are tried.</summary>
    internal static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<Socket>>();
        try
        {
            return await RaceAsync(addresses, port, running, time, enough.Token);
        }
        finally
        {
            await enough.CancelAsync();
            foreach (var late in running)
                await DropAsync(late);
        }
    }

    // RFC 8305 §4: the families by turns, beginning with the one that the system puts first.
    internal static IReadOnlyList<IPAddress> InTurns(IPAddress[] sorted)
    {
        var families = sorted.GroupBy(address => address.AddressFamily).Select(family => family.ToList()).ToList();
        int longest = families.Max(family => family.Count);
        return [.. Enumerable.Range(0, longest).SelectMany(turn => families.Where(family => turn < family.Count).Select(family => family[turn]))];
    }

    private static async Task<Socket> RaceAsync(
        IReadOnlyList<IPAddress> addresses, int port, List<Task<Socket>> running, TimeProvider time, CancellationToken cancellationToken)
    {
        Task<Socket>? firstFailed = null;
        for (int next = 0; firstFailed is null || running.Count > 0 || next < addresses.Count;)
        {
            if (next < addresses.Count)
                running.Add(AttemptAsync(addresses[next++], port, cancellationToken));
            var wait = Task.Delay(next < addresses.Count ? AttemptDelay : Timeout.InfiniteTimeSpan, time, cancellationToken);
            if (await Task.WhenAny([.. running, wait]) is not Task<Socket> ended)
            {
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            running.Remove(ended);
            if (ended.IsCompletedSuccessfully)
                return await ended;
            cancellationToken.ThrowIfCancellationRequested();
            firstFailed ??= ended;
        }

        // The first address is the one that the user thinks of.
        return await firstFailed;
    }

    private static async Task DropAsync(Task<Socket> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (late.IsCompletedSuccessfully)
            (await late).Dispose();
    }

    private static async Task<Socket> AttemptAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
