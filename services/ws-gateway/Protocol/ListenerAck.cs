using System.Text.Json;

namespace CallMirror.WsGateway.Protocol;

/// <summary>What a text from a listener turned out to be.</summary>
internal enum ListenerTextError
{
    /// <summary>An acknowledgement.</summary>
    None = 0,

    /// <summary>No JSON object.</summary>
    Malformed,

    /// <summary>Of a type that this gateway does not know.</summary>
    UnknownType,

    /// <summary>An <c>ack</c> without a position from 0 on.</summary>
    BadPosition,
}

/// <summary>Reads <c>{"type":"ack","position":N}</c>: the listener has stored everything before N.</summary>
internal static class ListenerAck
{
    /// <summary>Reads the position of an acknowledgement; members that are not asked for are skipped.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long position, out ListenerTextError error)
    {
        position = -1;
        bool isAck = false;
        try
        {
            var json = new Utf8JsonReader(utf8);
            error = ListenerTextError.Malformed;
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                ReadMember(ref json, ref isAck, ref position);
            if (json.TokenType != JsonTokenType.EndObject || json.CurrentDepth != 0 || json.Read())
                return false;
        }
        catch (JsonException)
        {
            error = ListenerTextError.Malformed;
            return false;
        }

        if (!isAck)
            error = ListenerTextError.UnknownType;
        else
            error = position < 0 ? ListenerTextError.BadPosition : ListenerTextError.None;
        return error == ListenerTextError.None;
    }

    private static void ReadMember(ref Utf8JsonReader json, ref bool isAck, ref long position)
    {
        bool type = json.ValueTextEquals("type"u8);
        bool at = json.ValueTextEquals("position"u8);
        json.Read();
        if (type)
            isAck = json.TokenType == JsonTokenType.String && json.ValueTextEquals("ack"u8);
        else if (at)
            position = json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long value) ? value : -1;
        json.Skip();
    }
}
