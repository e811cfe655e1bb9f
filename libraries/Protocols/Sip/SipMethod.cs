using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>Method names (RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086, 6665); those known share one string each.</summary>
internal static class SipMethod
{
    private static readonly string[] Known =
    [
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "UPDATE", "PRACK", "INFO", "NOTIFY", "SUBSCRIBE", "REFER", "MESSAGE", "PUBLISH",
    ];

    /// <summary>As written: method names are case-sensitive (RFC 3261 §7.1).</summary>
    internal static string Name(ReadOnlySpan<byte> method)
    {
        foreach (string known in Known)
        {
            if (Ascii.Equals(method, known)) return known;
        }

        return Encoding.UTF8.GetString(method);
    }
}
