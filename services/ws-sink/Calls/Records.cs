using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallMirror.WsSink.Calls;

/// <summary>A call as it is stored beside its audio, in <c>&lt;call&gt;.json</c>, and as the page shows it.</summary>
public sealed record CallRecord
{
    /// <summary>The layout of this record.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What its files are called: the tag without the role, with a number behind it from the second recording on.</summary>
    public required string Name { get; init; }

    /// <summary>The SIP Call-ID, as `start` said it.</summary>
    public required string CallId { get; init; }

    /// <summary>The SIP Call-ID of a call that was found by its media, as `renamed` said it.</summary>
    public string? SipCallId { get; init; }

    /// <summary>The caller's URI, as `start` said it, or else `renamed`.</summary>
    public string? From { get; init; }

    /// <summary>The callee's URI, as `start` said it, or else `renamed`.</summary>
    public string? To { get; init; }

    /// <summary>The call's epoch (position 0), RFC 3339, as `start` said it and unchecked.</summary>
    public string? StartedAt { get; init; }

    /// <summary>The trace that it belongs to (W3C Trace Context §3.2), unchecked.</summary>
    public string? Traceparent { get; init; }

    /// <summary>The stereo WAV, caller left and callee right; null until all streams that began have ended.</summary>
    public string? StereoWav { get; init; }

    /// <summary>Where the stereo WAV begins, in samples since the call's epoch.</summary>
    public long FirstPosition { get; init; }

    /// <summary>One or two, the caller's first.</summary>
    public required IReadOnlyList<StreamRecord> Streams { get; init; }

    /// <summary>What happened, by position.</summary>
    public required IReadOnlyList<EventRecord> Events { get; init; }

    /// <summary>Events that came after there were too many to keep.</summary>
    public int EventsDropped { get; init; }
}

/// <summary>The audio of one role of a call.</summary>
public sealed record StreamRecord
{
    /// <summary>The stream's name and that of its files: the call's name, a hyphen and the role.</summary>
    public required string Tag { get; init; }

    /// <summary>0 for the caller, 1 for the callee.</summary>
    public required int Role { get; init; }

    /// <summary>`caller` or `callee`.</summary>
    public string? Direction { get; init; }

    /// <summary>Always `L16`: 16-bit signed samples, here little-endian.</summary>
    public string Encoding { get; init; } = "L16";

    /// <summary>In Hz; positions and lengths count samples of it.</summary>
    public required int SampleRate { get; init; }

    /// <summary>Always 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>The position of the file's first sample.</summary>
    public required long FirstPosition { get; init; }

    /// <summary>Samples stored, silence that was filled in included.</summary>
    public long Samples { get; init; }

    /// <summary>`live`, `waiting` for a connection that goes on with it, or `ended`.</summary>
    public required string State { get; init; }

    /// <summary>The sender's reason, `connection-lost` or `listener-stopped`; null while it goes on.</summary>
    public string? EndReason { get; init; }

    /// <summary>Where the sender said that it ended, where that is not the last stored sample.</summary>
    public long? EndPosition { get; init; }

    /// <summary>The file of its bare samples, in the call's folder.</summary>
    public required string Pcm { get; init; }

    /// <summary>The same as WAV; null until the stream has ended, and where none are made.</summary>
    public string? Wav { get; init; }

    /// <summary>Those that sent it, in the order in which they came; the first thousand.</summary>
    public required IReadOnlyList<ConnectionRecord> Connections { get; init; }

    /// <summary>Whether its sender said that it is over; otherwise another connection may still go on with it.</summary>
    [JsonIgnore]
    public bool Complete => EndReason is not (null or OwnEndReasons.ConnectionLost or OwnEndReasons.ListenerStopped);

    /// <summary>The position behind the last stored sample.</summary>
    [JsonIgnore]
    public long EndsAt => FirstPosition + Samples;
}

/// <summary>One connection that sent a part of a stream.</summary>
public sealed record ConnectionRecord
{
    /// <summary>The connection's own tag: the stream's, with the position behind it where it resumed.</summary>
    public required string Tag { get; init; }

    /// <summary>When its `start` came, by the sink's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Where its `start` said that it begins.</summary>
    public required long Position { get; init; }

    /// <summary>The position at which it left off; null while it is there.</summary>
    public long? Until { get; init; }

    /// <summary>Why it left off, in a word such as `end`, `lost` or `superseded`; null while it is there.</summary>
    public string? Closed { get; init; }
}

/// <summary>Something that is not audio: `dtmf`, `hold`, `resume`, `gap`, `renamed`.</summary>
public sealed record EventRecord
{
    /// <summary>The word for `renamed`.</summary>
    public const string Renamed = "renamed";

    /// <summary>One of those five words.</summary>
    public required string Type { get; init; }

    /// <summary>The stream that told of it: 0 for the caller, 1 for the callee.</summary>
    public required int Role { get; init; }

    /// <summary>In samples since the call's epoch; where its sender did not say, that of the next sample.</summary>
    public required long Position { get; init; }

    /// <summary>Of `dtmf`: one of `0` to `9`, `*`, `#`, `A` to `D`.</summary>
    public string? Digit { get; init; }

    /// <summary>The event code of RFC 4733.</summary>
    public int? Event { get; init; }

    /// <summary>Who holds or resumes: `caller` or `callee`.</summary>
    public string? By { get; init; }

    /// <summary>Of `dtmf`, in milliseconds.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Of `renamed`: the SIP Call-ID.</summary>
    public string? CallId { get; init; }

    /// <summary>Of `renamed`: the caller's URI.</summary>
    public string? From { get; init; }

    /// <summary>Of `renamed`: the callee's URI.</summary>
    public string? To { get; init; }

    /// <summary>The length of a `gap`, in samples.</summary>
    public long? Samples { get; init; }

    /// <summary>`not-sent` for a gap that the sink found by itself and filled with silence.</summary>
    public string? Cause { get; init; }
}

/// <summary>The reasons that the sink itself gives for the end of a stream.</summary>
internal static class OwnEndReasons
{
    public const string ConnectionLost = "connection-lost";
    public const string ListenerStopped = "listener-stopped";
    public const string Unknown = "unknown";
}

/// <summary>One line of a part file: the call and stream first, then what happened to it.</summary>
internal sealed record PartLine
{
    public CallRecord? Call { get; init; }
    public EventRecord? Event { get; init; }
    public ConnectionRecord? Connection { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CallRecord))]
[JsonSerializable(typeof(PartLine))]
[JsonSerializable(typeof(CallList))]
internal sealed partial class RecordJson : JsonSerializerContext
{
    /// <summary>The same with line breaks, for the file that people read.</summary>
    public static RecordJson Indented { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>What the page asks for.</summary>
internal sealed record CallList(SinkTotals Totals, IReadOnlyList<CallRecord> Calls);
