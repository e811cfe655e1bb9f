using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallMirror.Contracts.Calls;

/// <summary>Writes <see cref="EndReason"/> as its word.</summary>
public sealed class EndReasonJsonConverter : JsonConverter<EndReason>
{
    /// <inheritdoc/>
    public override EndReason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EndReasons.TryParse(reader.GetString(), out var reason) ? reason : throw new JsonException("not an end reason");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, EndReason value, JsonSerializerOptions options) =>
        writer.WriteStringValue(EndReasons.Word(value));
}
