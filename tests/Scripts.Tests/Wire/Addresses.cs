using System.Net;
using CallMirror.Protocols.Packets;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>Addresses as numbers.</summary>
internal static class Addresses
{
    public static TransportAddress Of(string host, int port) => TransportAddress.From(IPAddress.Parse(host), port);
}
