using CallMirror.Contracts.Naming;

namespace CallMirror.WsSink.Protocol;

/// <summary>A tag that is safe as a file name, taken apart: the call's name and the role behind the last hyphen.</summary>
internal readonly record struct StreamName(string Call, int Role)
{
    /// <summary>Takes a tag apart that has the form which the protocol gives it; nothing is repaired here.</summary>
    public static bool TryParse(string tag, out StreamName parsed)
    {
        parsed = default;
        if (!StreamTag.IsSafe(tag) || tag.Length < 3 || tag[^2] != '-' || tag[^1] is not ('0' or '1'))
            return false;
        parsed = new StreamName(tag[..^2], tag[^1] - '0');
        return true;
    }

    /// <summary>The name under which recording number <paramref name="take"/> of this stream is stored: the first has the tag itself.</summary>
    public StreamName Take(int take) => take == 1 ? this : this with { Call = $"{Call}.{take}" };

    /// <summary>The stream's tag.</summary>
    public override string ToString() => $"{Call}-{Role}";
}
