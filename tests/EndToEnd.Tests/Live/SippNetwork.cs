namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Phones, a PBX, and the mirror that the PBX's host feeds with <c>iptables -j TEE</c>, each on a host of its own.</summary>
internal sealed class SippNetwork : IAsyncDisposable
{
    public const string PhonesAddress = "10.98.0.1";
    public const string PbxAddress = "10.98.0.2";
    private const string MirrorAddress = "10.99.0.2";

    private SippNetwork(NetworkNamespace phones, NetworkNamespace pbx, NetworkNamespace mirror) => (Phones, Pbx, Mirror) = (phones, pbx, mirror);

    public NetworkNamespace Phones { get; }

    public NetworkNamespace Pbx { get; }

    public NetworkNamespace Mirror { get; }

    public static async Task<SippNetwork> CreateAsync()
    {
        var network = new SippNetwork(await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
        await network.Pbx.ConnectAsync("pbx0", network.Phones, "ua0", PbxAddress + "/24", PhonesAddress + "/24");
        await network.Pbx.ConnectAsync("mir0", network.Mirror, NetworkNamespace.Far, "10.99.0.1/24", MirrorAddress + "/24");
        await network.Pbx.RunAsync("iptables", "-t", "mangle", "-A", "PREROUTING", "-i", "pbx0", "-p", "udp", "-j", "TEE", "--gateway", MirrorAddress);
        await network.Pbx.RunAsync("iptables", "-t", "mangle", "-A", "POSTROUTING", "-o", "pbx0", "-p", "udp", "-j", "TEE", "--gateway", MirrorAddress);
        return network;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in (NetworkNamespace[])[Phones, Pbx, Mirror])
            await host.DisposeAsync();
    }
}
