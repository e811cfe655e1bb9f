using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Protocol;

/// <summary>The JSON texts that go to a listener, each written as UTF-8.</summary>
internal static class ListenerTexts
{
    // Phone numbers begin with a plus, which the strict encoder would write as six characters.
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first text of a connection.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tag">The connection's own tag.</param>
    /// <param name="sampleRate">In Hz.</param>
    /// <param name="position">Of the first sample to come.</param>
    /// <param name="resumes">The connection goes on with a stream that has begun before.</param>
    /// <param name="keptFrom">Where the audio can begin at the earliest, if the listener asks for it; null where no earlier.</param>
    public static ReadOnlyMemory<byte> Start(StreamIdentity stream, string tag, int sampleRate, long position, bool resumes, long? keptFrom = null) => Write(
        (stream, tag, sampleRate, position, resumes, keptFrom),
        static (json, start) =>
        {
            json.WriteString("type"u8, "start"u8);
            json.WriteString("call_id"u8, start.stream.CallId);
            json.WriteString("tag"u8, start.tag);
            if (start.stream.IsStereo)
                json.WriteString("role"u8, "stereo"u8);
            else
                json.WriteNumber("role"u8, start.stream.Role);
            json.WriteString("direction"u8, start.stream.Direction);
            json.WriteString("encoding"u8, "L16"u8);
            json.WriteNumber("sample_rate"u8, start.sampleRate);
            json.WriteNumber("channels"u8, start.stream.Channels);
            json.WriteNumber("position"u8, start.position);
            json.WriteString("from"u8, start.stream.From);
            json.WriteString("to"u8, start.stream.To);
            json.WriteString("started_at"u8, start.stream.StartedAtText);
            json.WriteString("traceparent"u8, start.stream.TraceParent);
            if (start.resumes)
                json.WriteString("resumes"u8, start.stream.Tag);
            if (start.keptFrom is { } keptFrom)
                json.WriteNumber("kept_from"u8, keptFrom);
        });

    /// <summary>The audio goes on at another position than <c>start</c> said: at what the listener has stored.</summary>
    public static ReadOnlyMemory<byte> Continue(long position) => Write(
        position,
        static (json, at) =>
        {
            json.WriteString("type"u8, "continue"u8);
            json.WriteNumber("position"u8, at);
        });

    /// <summary>SIP has told what the call is that was found by its media. The stream and its tag stay as they are.</summary>
    public static ReadOnlyMemory<byte> Renamed(StreamIdentity stream, CallName name, long position) => Write(
        (stream, name, position),
        static (json, renamed) =>
        {
            json.WriteString("type"u8, "renamed"u8);
            json.WriteString("call_id"u8, renamed.name.CallId);
            json.WriteString("old_call_id"u8, renamed.stream.CallId);
            json.WriteString("started_at"u8, renamed.stream.StartedAtText);
            json.WriteString("from"u8, renamed.name.From);
            json.WriteString("to"u8, renamed.name.To);
            json.WriteNumber("position"u8, renamed.position);
        });

    /// <summary>The last text of a stream.</summary>
    public static ReadOnlyMemory<byte> End(StreamIdentity stream, string tag, long position, EndReason reason) => Write(
        (stream, tag, position, reason),
        static (json, end) =>
        {
            json.WriteString("type"u8, "end"u8);
            json.WriteString("call_id"u8, end.stream.CallId);
            json.WriteString("tag"u8, end.tag);
            json.WriteNumber("position"u8, end.position);
            json.WriteString("reason"u8, EndReasons.Word(end.reason));
        });

    /// <summary>A mark as text; false for one that listeners are not told of.</summary>
    /// <param name="mark">The mark.</param>
    /// <param name="text">The text.</param>
    /// <param name="role">Whose it is, where the stream has both roles.</param>
    public static bool TryEvent(in MediaMark mark, out ReadOnlyMemory<byte> text, int? role = null)
    {
        bool known = mark.Kind is MarkKind.Dtmf or MarkKind.Hold or MarkKind.Resume or MarkKind.Gap;
        text = known ? Write((mark, role), WriteEvent) : default;
        return known;
    }

    private static void WriteEvent(Utf8JsonWriter json, (MediaMark Mark, int? Role) of)
    {
        var mark = of.Mark;
        switch (mark.Kind)
        {
            case MarkKind.Dtmf:
                json.WriteString("type"u8, "dtmf"u8);
                if (TryDigit(mark.Code, out char digit))
                    json.WriteString("digit"u8, [digit]);
                json.WriteNumber("event"u8, mark.Code);
                break;
            case MarkKind.Gap:
                json.WriteString("type"u8, "gap"u8);
                json.WriteNumber("samples"u8, mark.Value);
                break;
            default:
                json.WriteString("type"u8, mark.Kind == MarkKind.Hold ? "hold"u8 : "resume"u8);
                json.WriteString("by"u8, StreamIdentity.RoleName(mark.Code));
                break;
        }

        json.WriteNumber("position"u8, mark.Position);
        if (of.Role is { } role && mark.Kind is (MarkKind.Dtmf or MarkKind.Gap))
            json.WriteNumber("role"u8, role);
    }

    // RFC 4733 §3.2, table 3.
    private static bool TryDigit(byte code, out char digit)
    {
        const string Digits = "0123456789*#ABCD";
        digit = code < Digits.Length ? Digits[code] : default;
        return code < Digits.Length;
    }

    private static ReadOnlyMemory<byte> Write<T>(T value, Action<Utf8JsonWriter, T> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, Format);
        json.WriteStartObject();
        members(json, value);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
