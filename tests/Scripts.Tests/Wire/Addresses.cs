using System.Net;
using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>Addresses as numbers. Plans name IPv4; of a call of IPv6 each host has the IPv6 address that ends with it.</summary>
internal static class Addresses
{
    private static readonly byte[] Global = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] Local = [0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    public static TransportAddress Of(string host, int port) => TransportAddress.From(IPAddress.Parse(host), port);

    /// <summary>A call with the hosts that the wire has.</summary>
    public static CallPlan OnTheWire(CallPlan plan) =>
        plan.IsIPv6 ? plan with { Caller = OnTheWire(plan.Caller), Callee = OnTheWire(plan.Callee) } : plan;

    /// <summary>What a host of a call is on the wire.</summary>
    public static string Host(CallPlan plan, string ipv4) => plan.IsIPv6 ? IPv6(ipv4) : ipv4;

    private static PartyPlan OnTheWire(PartyPlan party) =>
        party with { Host = IPv6(party.Host), SdpHost = party.SdpHost is { } host ? IPv6(host) : null };

    // What is private stays private (RFC 1918, RFC 4193).
    private static string IPv6(string ipv4)
    {
        byte[] host = IPAddress.Parse(ipv4).GetAddressBytes();
        bool isPrivate = host[0] == 10 || (host[0], host[1]) == (192, 168);
        return new IPAddress([.. isPrivate ? Local : Global, .. host]).ToString();
    }
}
