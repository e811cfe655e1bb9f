using System.Text;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;

namespace CallMirror.Transcoder.Work;

/// <summary>The calls of late messages, with their call-ids as strings, so that a running call costs no string a message. Bounded: a newer call takes an older one's slot.</summary>
internal sealed class CallIds
{
    private const int Slots = 16_384;

    private readonly string?[] _slots = new string?[Slots];

    /// <summary>The call of a message that has been parsed before; one without a name where it is none.</summary>
    public CallKey Of(ReadOnlySpan<byte> message) =>
        MediaMessage.TryParse(message, out var parsed, out _) ? new CallKey(Intern(parsed.CallIdUtf8), parsed.Header.Epoch) : new CallKey("", 0);

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
