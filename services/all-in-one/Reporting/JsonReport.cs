using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CallMirror.Contracts.Calls;

namespace CallMirror.AllInOne.Reporting;

/// <summary>
/// One JSON object a line: <c>"type":"call"</c>, then its <c>"type":"stream"</c>s; at the end, where no call has audio, a
/// <c>"type":"capture"</c> that says why. Absent values are left out.
/// </summary>
internal static class JsonReport
{
    // Phone numbers begin with a plus, which the strict encoder would write as six characters.
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the lines; a call that was still up has ended as the run has.</summary>
    public static void Write(TextWriter output, IEnumerable<CallRow> rows, EndReason ended, CaptureSeen seen, Why? whyNone)
    {
        foreach (var (call, why, streams) in rows)
        {
            Line(output, writer => Call(writer, call, why, ended));
            foreach (var stream in streams)
                Line(output, writer => Stream(writer, call, stream));
        }

        if (whyNone is not null)
            Line(output, writer => Capture(writer, seen, whyNone));
        output.Flush();
    }

    private static void Capture(Utf8JsonWriter writer, CaptureSeen seen, Why why)
    {
        writer.WriteString("type", "capture");
        writer.WriteNumber("packets", seen.Packets);
        writer.WriteNumber("sip", seen.Sip);
        writer.WriteNumber("rtp", seen.Rtp);
        writer.WriteNumber("cut_sip", seen.CutSip);
        writer.WriteNumber("cut_rtp", seen.CutRtp);
        Optional(writer, why);
    }

    private static void Line(TextWriter output, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Format))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    private static void Call(Utf8JsonWriter writer, CallEntry call, Why? why, EndReason ended)
    {
        writer.WriteString("type", "call");
        writer.WriteString("call_id", call.CallId);
        Optional(writer, "sip_call_id", call.SipCallId);
        Optional(writer, "correlation_id", call.CorrelationId);
        Optional(writer, "from", call.From);
        Optional(writer, "to", call.To);
        Optional(writer, "started_at", call.StartedAt);
        Optional(writer, "answered_at", call.AnsweredAt);
        Optional(writer, "ended_at", call.EndedAt);
        writer.WriteString("end_reason", EndReasons.Word(call.EndReason ?? ended));
        if (call.StatusCode is { } status)
            writer.WriteNumber("status_code", status);
        writer.WriteNumber("holds", call.Holds);
        writer.WriteBoolean("encrypted", call.IsEncrypted);
        writer.WriteStartArray("codecs");
        foreach (string codec in call.Codecs)
            writer.WriteStringValue(codec);
        writer.WriteEndArray();
        Optional(writer, why);
    }

    private static void Stream(Utf8JsonWriter writer, CallEntry call, StreamRow stream)
    {
        writer.WriteString("type", "stream");
        writer.WriteString("call_id", call.CallId);
        Optional(writer, "started_at", call.StartedAt);
        writer.WriteString("tag", stream.Tag);
        writer.WriteNumber("role", stream.Role);
        if (stream.Quality is { } quality)
            Quality(writer, quality);
        Optional(writer, stream.Why);
        writer.WriteStartArray("pushed");
        foreach (var pushed in stream.Pushed)
            Pushed(writer, pushed);
        writer.WriteEndArray();
    }

    private static void Quality(Utf8JsonWriter writer, StreamQuality quality)
    {
        writer.WriteNumber("packets", quality.Packets);
        writer.WriteNumber("captured_samples", quality.Samples);
        writer.WriteNumber("lost", quality.Lost);
        writer.WriteNumber("duplicates", quality.Duplicates);
        writer.WriteNumber("late", quality.Late);
        writer.WriteNumber("reordered", quality.Reordered);
        writer.WriteNumber("jitter_ms", quality.JitterMilliseconds);
        writer.WriteNumber("stretches", quality.Stretches);
    }

    private static void Pushed(Utf8JsonWriter writer, WsGateway.StreamFigures pushed)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sample_rate", pushed.SampleRate);
        writer.WriteNumber("start", pushed.Start);
        writer.WriteNumber("position", pushed.Position);
        writer.WriteNumber("samples", pushed.Samples);
        writer.WriteNumber("frames", pushed.Frames);
        writer.WriteNumber("gaps", pushed.Gaps);
        writer.WriteNumber("gap_samples", pushed.GapSamples);
        writer.WriteNumber("reconnects", pushed.Reconnects);
        writer.WriteNumber("lost_samples", pushed.LostSamples);
        if (pushed.StoredPosition is { } stored)
            writer.WriteNumber("stored_position", stored);
        if (pushed.AckedPosition is { } acked)
            writer.WriteNumber("acked_position", acked);
        if (pushed.IsStopped)
            writer.WriteBoolean("stopped", true);
        Optional(writer, "end_reason", pushed.EndReason is { } reason ? EndReasons.Word(reason) : null);
        Optional(writer, "failure", pushed.Failure);
        writer.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter writer, Why? why)
    {
        Optional(writer, "why", why?.Word);
        Optional(writer, "why_text", why?.Sentence);
    }

    private static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    private static void Optional(Utf8JsonWriter writer, string name, DateTimeOffset? value)
    {
        if (value is { } time)
            writer.WriteString(name, time);
    }
}
