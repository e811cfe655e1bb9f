using CallMirror.Contracts.Naming;

namespace CallMirror.WsSink.Protocol;

/// <summary>
/// A tag that is safe as a file name, taken apart: the call's name and the role behind the last hyphen. A tag without a role is a call of one stream, and
/// the name of both.
/// </summary>
internal readonly record struct StreamName(string Call, int Role, bool IsBare = false)
{
    /// <summary>Takes a tag apart; nothing is repaired here.</summary>
    public static bool TryParse(string tag, out StreamName parsed)
    {
        parsed = default;
        if (!StreamTag.IsSafe(tag))
            return false;
        bool hasRole = tag.Length >= 3 && tag[^2] == '-' && tag[^1] is '0' or '1';
        parsed = hasRole ? new StreamName(tag[..^2], tag[^1] - '0') : new StreamName(tag, Role: 0, IsBare: true);
        return true;
    }

    /// <summary>The name under which recording number <paramref name="take"/> of this stream is stored: the first has the tag itself.</summary>
    public StreamName Take(int take) => take == 1 ? this : this with { Call = $"{Call}.{take}" };

    /// <summary>The stream's tag.</summary>
    public override string ToString() => IsBare ? Call : $"{Call}-{Role}";
}
