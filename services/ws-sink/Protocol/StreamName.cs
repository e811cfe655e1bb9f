using System.Buffers;

namespace CallMirror.WsSink.Protocol;

/// <summary>A tag that is safe as a file name, taken apart: the call's name and the role behind the last hyphen.</summary>
internal readonly record struct StreamTag(string Call, int Role)
{
    /// <summary>The longest tag, in bytes; all its characters are ASCII.</summary>
    public const int MaxLength = 200;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+=-");

    /// <summary>Whether <paramref name="tag"/> already has the form that the protocol gives it; nothing is repaired here.</summary>
    public static bool IsSafe(ReadOnlySpan<char> tag) =>
        tag.Length is > 0 and <= MaxLength && tag[0] != '.' && !tag.ContainsAnyExcept(Allowed);

    public static bool TryParse(string tag, out StreamTag parsed)
    {
        parsed = default;
        if (!IsSafe(tag) || tag.Length < 3 || tag[^2] != '-' || tag[^1] is not ('0' or '1'))
            return false;
        parsed = new StreamTag(tag[..^2], tag[^1] - '0');
        return true;
    }

    /// <summary>The name under which recording number <paramref name="take"/> of this stream is stored: the first has the tag itself.</summary>
    public StreamTag Take(int take) => take == 1 ? this : this with { Call = $"{Call}.{take}" };

    public override string ToString() => $"{Call}-{Role}";
}
