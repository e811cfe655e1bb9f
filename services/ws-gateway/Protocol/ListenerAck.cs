using System.Text.Json;

namespace CallMirror.WsGateway.Protocol;

/// <summary>What a text from a listener turned out to be.</summary>
internal enum ListenerTextError
{
    /// <summary>An acknowledgement.</summary>
    None = 0,

    /// <summary>No JSON object.</summary>
    Malformed,

    /// <summary><c>{"type":"stop"}</c>: it wants no more of this stream.</summary>
    Stop,

    /// <summary>Of a type that this gateway does not know.</summary>
    UnknownType,

    /// <summary>An <c>ack</c> without a position from 0 on.</summary>
    BadPosition,
}

/// <summary>Reads <c>{"type":"ack","position":N}</c>: the listener has stored everything before N.</summary>
internal static class ListenerAck
{
    // Beyond it a double has gaps.
    private const double LastExact = 1L << 53;

    /// <summary>Reads the position of an acknowledgement; members that are not asked for are skipped.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long position, out ListenerTextError error)
    {
        position = -1;
        bool isAck = false;
        bool isStop = false;
        try
        {
            var json = new Utf8JsonReader(utf8);
            error = ListenerTextError.Malformed;
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                ReadMember(ref json, ref isAck, ref isStop, ref position);
            if (json.TokenType != JsonTokenType.EndObject || json.CurrentDepth != 0 || json.Read())
                return false;
        }
        catch (JsonException)
        {
            error = ListenerTextError.Malformed;
            return false;
        }

        if (!isAck)
            error = isStop ? ListenerTextError.Stop : ListenerTextError.UnknownType;
        else
            error = position < 0 ? ListenerTextError.BadPosition : ListenerTextError.None;
        return error == ListenerTextError.None;
    }

    private static bool Is(in Utf8JsonReader json, ReadOnlySpan<byte> word) => json.TokenType == JsonTokenType.String && json.ValueTextEquals(word);

    // Some languages have no whole numbers, and write 25600.0 or 2.56e4; half a sample is none.
    private static long Position(in Utf8JsonReader json)
    {
        if (json.TryGetInt64(out long whole))
            return whole;
        return json.TryGetDouble(out double any) && any is >= 0 and < LastExact ? (long)any : -1;
    }

    private static void ReadMember(ref Utf8JsonReader json, ref bool isAck, ref bool isStop, ref long position)
    {
        bool type = json.ValueTextEquals("type"u8);
        bool at = json.ValueTextEquals("position"u8);
        json.Read();
        if (type)
            (isAck, isStop) = (Is(json, "ack"u8), Is(json, "stop"u8));
        else if (at)
            position = json.TokenType == JsonTokenType.Number ? Position(json) : -1;
        json.Skip();
    }
}
