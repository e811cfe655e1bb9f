using System.Net;

namespace CallMirror.SipTracker.Calls;

/// <summary>The hosts that each role's SIP comes from and goes to, without ports: a few a role, the latest kept.</summary>
internal sealed record CallHosts
{
    private const int MaxHosts = 4;

    public static readonly CallHosts None = new();

    public string[] Caller { get; init; } = [];

    public string[] Callee { get; init; } = [];

    public string[] Of(int role) => role == 0 ? Caller : Callee;

    /// <summary>With what a message shows that the role has sent.</summary>
    public CallHosts Seen(CallMessage message, int sender)
    {
        string? from = HostOf(message.Captured.Source);
        string? to = HostOf(message.Captured.Destination);
        return sender == 0 ? With(from, to) : With(to, from);
    }

    public bool Same(CallHosts other) => Caller.AsSpan().SequenceEqual(other.Caller) && Callee.AsSpan().SequenceEqual(other.Callee);

    /// <summary>The host of <c>address:port</c>, IPv6 without brackets; null for anything else.</summary>
    public static string? HostOf(string? address) => IPEndPoint.TryParse(address ?? "", out var end) ? end.Address.ToString() : null;

    private CallHosts With(string? caller, string? callee) =>
        Has(Caller, caller) && Has(Callee, callee) ? this : new CallHosts { Caller = Add(Caller, caller), Callee = Add(Callee, callee) };

    private static bool Has(string[] hosts, string? host) => host is null || hosts.Contains(host);

    private static string[] Add(string[] hosts, string? host) => Has(hosts, host) ? hosts : [.. hosts.TakeLast(MaxHosts - 1), host!];
}
