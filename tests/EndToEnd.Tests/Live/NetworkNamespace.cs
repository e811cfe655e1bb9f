using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>A network of a test's own: a namespace, and nobody else's packets.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    /// <summary>Where packets are sent.</summary>
    public const string Near = "cm0";

    /// <summary>Where they arrive, and are captured.</summary>
    public const string Far = "cm1";

    private static int _last;

    private NetworkNamespace(string name) => Name = name;

    public string Name { get; }

    /// <summary>Makes one without interfaces, or skips the test where that is not allowed.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        var made = new NetworkNamespace($"cm-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}");
        Assert.SkipUnless(OperatingSystem.IsLinux() && await TryRunAsync("ip", "netns", "add", made.Name), "network namespaces need root, and ip of iproute2");
        await made.RunAsync("ip", "link", "set", "lo", "up");
        await made.RunAsync("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
        return made;
    }

    /// <summary>Makes one with the two ends of a cable in it.</summary>
    public static async Task<NetworkNamespace> WithCableAsync()
    {
        var made = await CreateAsync();
        await made.ConnectAsync(Near, made, Far);
        return made;
    }

    /// <summary>Lays a cable to another, or within.</summary>
    public async Task ConnectAsync(string device, NetworkNamespace other, string otherDevice, string? address = null, string? otherAddress = null)
    {
        await RunAsync("ip", "link", "add", device, "type", "veth", "peer", "name", otherDevice, "netns", other.Name);
        foreach (var (end, name, at) in ((NetworkNamespace, string, string?)[])[(this, device, address), (other, otherDevice, otherAddress)])
        {
            if (at is not null)
                await end.RunAsync("ip", "addr", "add", at, "dev", name);
            await end.RunAsync("ip", "link", "set", name, "up", "mtu", "65535");
        }
    }

    /// <summary>
    /// Lays a cable out to the network of this process, where services reach their broker, and returns the name of its end there. That end has no
    /// address, and what comes out of it is addressed to somebody else: it can be captured, and the host takes no notice.
    /// </summary>
    public async Task<string> ConnectOutAsync(string device, string? address = null)
    {
        string outside = $"cmx{Environment.ProcessId % 100_000}-{Interlocked.Increment(ref _last)}";
        await RunAsync("ip", "link", "add", device, "type", "veth", "peer", "name", outside, "netns", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        if (address is not null)
            await RunAsync("ip", "addr", "add", address, "dev", device);
        await RunAsync("ip", "link", "set", device, "up", "mtu", "65535");
        Assert.True(await TryRunAsync("sysctl", "-qw", $"net.ipv6.conf.{outside}.disable_ipv6=1") && await TryRunAsync("ip", "link", "set", outside, "up", "mtu", "65535"));
        return outside;
    }

    /// <summary>The words before a command that runs it inside.</summary>
    public string[] Exec => ["ip", "netns", "exec", Name];

    /// <summary>Runs a command inside.</summary>
    public async Task RunAsync(params string[] command) => Assert.True(await TryRunAsync([.. Exec, .. command]), string.Join(' ', command));

    /// <summary>Opens something inside, such as a socket; what is open stays inside.</summary>
    public Task<T> OpenAsync<T>(Func<T> open)
    {
        var opened = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{Name}");
                if (SetNamespace(handle.DangerousGetHandle().ToInt32(), 0) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                opened.SetResult(open());
            }
            catch (Exception e)
            {
                opened.SetException(e);
            }
        }).Start();
        return opened.Task;
    }

    public async ValueTask DisposeAsync() => await TryRunAsync("ip", "netns", "del", Name);

    private static async Task<bool> TryRunAsync(params string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int descriptor, int type);
}
