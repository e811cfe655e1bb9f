using System.Text;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Why a message had no part in a call.</summary>
public static class DropReasons
{
    /// <summary>OPTIONS, REGISTER, SUBSCRIBE and the like outside a call.</summary>
    public const string NotACall = "not-a-call";

    /// <summary>BYE of a call whose INVITE was not seen, or is long over.</summary>
    public const string UnknownCall = "unknown-call";

    /// <summary>It came before what it belongs to, and that never came.</summary>
    public const string Unclaimed = "unclaimed";

    /// <summary>Too much was waiting for what it belongs to.</summary>
    public const string HoldFull = "hold-full";

    /// <summary>Older than what its sender has sent since.</summary>
    public const string Stale = "stale";

    /// <summary>It shares the Call-ID of a call, but none of its tags.</summary>
    public const string ForeignDialog = "foreign-dialog";

    /// <summary>The call was over.</summary>
    public const string AfterEnd = "after-end";

    /// <summary>Media was found, but its addresses are those of a call that is known.</summary>
    public const string MediaOfACall = "media-of-a-call";

    /// <summary>No more calls fit.</summary>
    public const string TooManyCalls = "too-many-calls";

    /// <summary>No sensible Call-ID is that long.</summary>
    public const string CallIdTooLong = "call-id-too-long";

    /// <summary><c>sip-missing-call-id</c> and so on.</summary>
    public static string Sip(SipError error) => Kebab("sip", error.ToString());

    /// <summary><c>sdp-bad-media-line</c> and so on.</summary>
    public static string Sdp(SdpError error) => Kebab("sdp", error.ToString());

    internal static string Of(TurnResult result) => result switch
    {
        TurnResult.Stale => Stale,
        TurnResult.ForeignDialog => ForeignDialog,
        _ => AfterEnd,
    };

    private static string Kebab(string prefix, string name)
    {
        var text = new StringBuilder(prefix);
        foreach (char c in name)
            (char.IsAsciiLetterUpper(c) ? text.Append('-') : text).Append(char.ToLowerInvariant(c));
        return text.ToString();
    }
}

/// <summary>Counts what was dropped, by reason. Not for several threads at once.</summary>
public sealed class DropCounts
{
    private readonly Dictionary<string, long> _counts = [];
    private readonly Action<string>? _alsoTell;

    /// <summary>Counts here, and tells each drop on.</summary>
    public DropCounts(Action<string>? alsoTell = null) => _alsoTell = alsoTell;

    /// <summary>How many, of those reasons that occurred.</summary>
    public IReadOnlyDictionary<string, long> ByReason => _counts;

    /// <summary>How many were dropped for this reason.</summary>
    public long Of(string reason) => _counts.GetValueOrDefault(reason);

    internal void Count(string reason)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
        _alsoTell?.Invoke(reason);
    }
}
