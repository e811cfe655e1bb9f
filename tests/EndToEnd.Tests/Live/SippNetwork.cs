namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Phones and a PBX, each on a host of its own, and the mirror that the PBX's host feeds with <c>iptables -j TEE</c>.</summary>
internal sealed class SippNetwork : IAsyncDisposable
{
    public const string PhonesAddress = "10.98.0.1";
    public const string PbxAddress = "10.98.0.2";
    private const string MirrorAddress = "10.99.0.2";

    // Of nobody: the mirror's end takes no notice of what is sent to it.
    private const string MirrorHardware = "02:00:00:00:99:02";

    private SippNetwork(NetworkNamespace phones, NetworkNamespace pbx) => (Phones, Pbx) = (phones, pbx);

    public NetworkNamespace Phones { get; }

    public NetworkNamespace Pbx { get; }

    /// <summary>The interface of this process's network that shows all that the PBX's host sends and gets.</summary>
    public required string Mirror { get; init; }

    public static async Task<SippNetwork> CreateAsync()
    {
        var (phones, pbx) = (await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
        var network = new SippNetwork(phones, pbx) { Mirror = await pbx.ConnectOutAsync("mir0", "10.99.0.1/24") };
        await pbx.RunAsync("ip", "neigh", "add", MirrorAddress, "lladdr", MirrorHardware, "dev", "mir0", "nud", "permanent");
        await network.Pbx.ConnectAsync("pbx0", network.Phones, "ua0", PbxAddress + "/24", PhonesAddress + "/24");
        await network.Pbx.RunAsync("iptables", "-t", "mangle", "-A", "PREROUTING", "-i", "pbx0", "-p", "udp", "-j", "TEE", "--gateway", MirrorAddress);
        await network.Pbx.RunAsync("iptables", "-t", "mangle", "-A", "POSTROUTING", "-o", "pbx0", "-p", "udp", "-j", "TEE", "--gateway", MirrorAddress);
        return network;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in (NetworkNamespace[])[Phones, Pbx])
            await host.DisposeAsync();
    }
}
