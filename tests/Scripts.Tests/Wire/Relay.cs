using System.Globalization;
using System.Text;
using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>A proxy with a media relay, of which the mirror shows both sides: the caller speaks to one of its addresses, the callee to the other.</summary>
internal sealed class Relay(CallPlan plan)
{
    /// <summary>From the one side to the other.</summary>
    public const int DelayUs = 1000;

    private readonly string _host = HostOf(plan);

    public TransportAddress Sip => Addresses.Of(_host, 5060);

    /// <summary>What the caller takes for the callee.</summary>
    public PartyPlan TowardsCaller { get; } = new(HostOf(plan), 30_000 + 4 * plan.Id);

    /// <summary>What the callee takes for the caller.</summary>
    public PartyPlan TowardsCallee { get; } = new(HostOf(plan), 32_000 + 4 * plan.Id);

    /// <summary>A message as it leaves the relay.</summary>
    public byte[] Rewrite(byte[] message, bool fromCaller)
    {
        var (party, by) = fromCaller ? (plan.Caller, TowardsCallee) : (plan.Callee, TowardsCaller);
        string text = Encoding.ASCII.GetString(message).Replace($" {party.AnnouncedHost}\r\n", $" {_host}\r\n", StringComparison.Ordinal);
        foreach (int moved in (int[])[0, 100])
            text = text.Replace(Line(party.AnnouncedPort + moved), Line(by.Port + moved), StringComparison.Ordinal);
        int body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        int from = text.IndexOf("Content-Length: ", StringComparison.Ordinal);
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text[..from]}Content-Length: {text.Length - body}\r\n\r\n{text[body..]}"));
    }

    private static string HostOf(CallPlan plan) => Addresses.Host(plan, "192.0.2.150");

    private static string Line(int port) => string.Create(CultureInfo.InvariantCulture, $"m=audio {port} ");
}
