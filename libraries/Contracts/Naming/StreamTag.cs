using System.Security.Cryptography;
using System.Text;

namespace CallMirror.Contracts.Naming;

/// <summary>
/// The name of a stream towards listeners, safe as a file name: <c>&lt;call-id&gt;-&lt;role&gt;</c> with everything but letters, digits and
/// <c>. _ @ + = -</c> replaced, never starting with a dot, at most 200 bytes.
/// </summary>
public static class StreamTag
{
    /// <summary>Longest tag, in bytes (all are ASCII).</summary>
    public const int MaxBytes = 200;

    // Room for "-<role>" and, on a resumed connection, ".<position>".
    private const int MaxStem = MaxBytes - 2 - 20;
    private const int HashDigits = 16;

    /// <summary>The tag of a stream.</summary>
    public static string For(string callId, int role) => $"{Stem(callId)}-{role}";

    /// <summary>
    /// The name under which a recording of a stream is stored beside earlier ones of the same tag, a later call of the same Call-ID for one: the first has the tag
    /// itself, the second is <c>&lt;call&gt;.2-&lt;role&gt;</c>.
    /// </summary>
    public static string ForTake(string tag, int take) => take == 1 ? tag : $"{tag[..^2]}.{take}{tag[^2..]}";

    /// <summary>The tag of a connection that goes on with a stream at a position.</summary>
    public static string ForResumed(string tag, long position) => $"{tag}.{position}";

    /// <summary>True where a listener may use the tag as a file name as it is.</summary>
    public static bool IsSafe(ReadOnlySpan<char> tag)
    {
        if (tag.Length is 0 or > MaxBytes || tag[0] == '.')
            return false;
        foreach (char c in tag)
            if (!IsAllowed(c))
                return false;
        return true;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '+' or '=' or '-';

    // Two call-ids that differ only in replaced or cut characters must not share a file: those carry a piece of their hash. So does a call-id
    // that looks as if it did already: nobody can choose one that gets another call's tag.
    private static string Stem(string callId)
    {
        string safe = string.Create(callId.Length, callId, static (span, id) =>
        {
            for (int i = 0; i < id.Length; i++)
                span[i] = IsAllowed(id[i]) ? id[i] : '_';
        });
        if (safe.StartsWith('.'))
            safe = "_" + safe[1..];
        if (safe == callId && safe.Length is > 0 and <= MaxStem && !LooksHashed(safe))
            return safe;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(callId)))[..HashDigits];
        return $"{safe[..Math.Min(safe.Length, MaxStem - HashDigits - 1)]}_{hash}";
    }

    private static bool LooksHashed(string stem) =>
        stem.Length > HashDigits && stem[^(HashDigits + 1)] == '_' && stem[^HashDigits..].All(char.IsAsciiHexDigitLower);
}
