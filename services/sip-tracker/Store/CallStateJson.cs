using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker.Store;

/// <summary>A call's state as the store keeps it.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, IgnoreReadOnlyProperties = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CallState))]
internal sealed partial class CallStateJson : JsonSerializerContext
{
    public static byte[] Write(CallState call) => JsonSerializer.SerializeToUtf8Bytes(call, Default.CallState);

    /// <summary>False for what this version does not understand.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out CallState? call)
    {
        try
        {
            call = JsonSerializer.Deserialize(json, Default.CallState);
        }
        catch (JsonException)
        {
            call = null;
        }

        return call is { HighestCSeq.Length: 2 };
    }
}
