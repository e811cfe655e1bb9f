using System.Text;
using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Work;

/// <summary>The call-ids of late messages as strings, so that a running call costs no string a message. Bounded: a newer call takes an older one's slot.</summary>
internal sealed class CallIds
{
    private const int Slots = 16_384;

    private readonly string?[] _slots = new string?[Slots];

    /// <summary>The call-id of a message that has been parsed before; an empty string where it is none.</summary>
    public string Of(ReadOnlySpan<byte> message) =>
        MediaMessage.TryParse(message, out var parsed, out _) ? Intern(parsed.CallIdUtf8) : "";

    private string Intern(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref string? slot = ref _slots[(uint)hash.ToHashCode() % Slots];
        // Not equal where the call-id is no ASCII: a fresh string is right as well.
        if (slot is null || !Ascii.Equals(utf8, slot))
            slot = Encoding.UTF8.GetString(utf8);
        return slot;
    }
}
