using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>A header's name in full, its compact form, and whether one line of it may hold several values (RFC 3261 §7.3.1, 7.3.3, 20).</summary>
internal sealed record SipHeaderName(string Long, string? Compact = null, bool IsList = false)
{
    internal static readonly SipHeaderName CallId = new("Call-ID", "i");
    internal static readonly SipHeaderName ContentEncoding = new("Content-Encoding", "e", IsList: true);
    internal static readonly SipHeaderName ContentLength = new("Content-Length", "l");
    internal static readonly SipHeaderName ContentType = new("Content-Type", "c");
    internal static readonly SipHeaderName CSeq = new("CSeq");
    internal static readonly SipHeaderName From = new("From", "f");
    internal static readonly SipHeaderName To = new("To", "t");
    internal static readonly SipHeaderName Via = new("Via", "v", IsList: true);

    /// <summary>The one table: every compact form of the IANA registry, and every header that may be a comma-separated list.</summary>
    private static readonly SipHeaderName[] Table =
    [
        CallId, ContentEncoding, ContentLength, ContentType, CSeq, From, To, Via,
        new("Accept", null, IsList: true),
        new("Accept-Contact", "a", IsList: true),
        new("Accept-Encoding", null, IsList: true),
        new("Accept-Language", null, IsList: true),
        new("Alert-Info", null, IsList: true),
        new("Allow", null, IsList: true),
        new("Allow-Events", "u", IsList: true),
        new("Call-Info", null, IsList: true),
        new("Contact", "m", IsList: true),
        new("Content-Language", null, IsList: true),
        new("Diversion", null, IsList: true),
        new("Error-Info", null, IsList: true),
        new("Event", "o"),
        new("History-Info", null, IsList: true),
        new("Identity", "y"),
        new("Identity-Info", "n"),
        new("In-Reply-To", null, IsList: true),
        new("P-Asserted-Identity", null, IsList: true),
        new("P-Preferred-Identity", null, IsList: true),
        new("Path", null, IsList: true),
        new("Proxy-Require", null, IsList: true),
        new("Reason", null, IsList: true),
        new("Record-Route", null, IsList: true),
        new("Refer-To", "r"),
        new("Referred-By", "b"),
        new("Reject-Contact", "j", IsList: true),
        new("Request-Disposition", "d", IsList: true),
        new("Require", null, IsList: true),
        new("Route", null, IsList: true),
        new("Service-Route", null, IsList: true),
        new("Session-Expires", "x"),
        new("Subject", "s"),
        new("Supported", "k", IsList: true),
        new("Unsupported", null, IsList: true),
        new("Warning", null, IsList: true),
    ];

    /// <summary>The table's entry for a long or compact name in any case; an entry of its own for a name that the table lacks.</summary>
    internal static SipHeaderName Of(string name) =>
        Array.Find(Table, entry => entry.IsNamed(name)) ?? new SipHeaderName(name);

    /// <summary>Whether these bytes of a header line name this header, in any case.</summary>
    internal bool Matches(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, Long) || (Compact is not null && Ascii.EqualsIgnoreCase(name, Compact));

    private bool IsNamed(string name) =>
        name.Equals(Long, StringComparison.OrdinalIgnoreCase) || name.Equals(Compact, StringComparison.OrdinalIgnoreCase);
}
