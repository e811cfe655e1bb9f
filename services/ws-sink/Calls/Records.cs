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
    public required string CallId { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public string? StartedAt { get; init; }
    public string? Traceparent { get; init; }

    /// <summary>The stereo WAV, caller left and callee right; null until all streams that began have ended.</summary>
    public string? StereoWav { get; init; }

    /// <summary>Where the stereo WAV begins, in samples since the call's epoch.</summary>
    public long FirstPosition { get; init; }
    public required IReadOnlyList<StreamRecord> Streams { get; init; }

    /// <summary>What happened, by position.</summary>
    public required IReadOnlyList<EventRecord> Events { get; init; }

    /// <summary>Events that came after there were too many to keep.</summary>
    public int EventsDropped { get; init; }
}

/// <summary>The audio of one role of a call.</summary>
public sealed record StreamRecord
{
    public required string Tag { get; init; }

    /// <summary>0 for the caller, 1 for the callee.</summary>
    public required int Role { get; init; }
    public string? Direction { get; init; }
    public string Encoding { get; init; } = "L16";
    public required int SampleRate { get; init; }
    public int Channels { get; init; } = 1;

    /// <summary>The position of the file's first sample.</summary>
    public required long FirstPosition { get; init; }
    public long Samples { get; init; }

    /// <summary>`live`, `waiting` for a connection that goes on with it, or `ended`.</summary>
    public required string State { get; init; }

    /// <summary>The sender's reason, `connection-lost` or `listener-stopped`; null while it goes on.</summary>
    public string? EndReason { get; init; }

    /// <summary>Where the sender said that it ended, where that is not the last stored sample.</summary>
    public long? EndPosition { get; init; }
    public required string Pcm { get; init; }
    public string? Wav { get; init; }
    public required IReadOnlyList<ConnectionRecord> Connections { get; init; }

    /// <summary>Whether its sender said that it is over; otherwise another connection may still go on with it.</summary>
    [JsonIgnore]
    public bool Complete => EndReason is not (null or OwnEndReasons.ConnectionLost or OwnEndReasons.ListenerStopped);

    [JsonIgnore]
    public long EndsAt => FirstPosition + Samples;
}

/// <summary>One connection that sent a part of a stream.</summary>
public sealed record ConnectionRecord
{
    public required string Tag { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Where its `start` said that it begins.</summary>
    public required long Position { get; init; }

    /// <summary>Where it left off, and why; null while it is there.</summary>
    public long? Until { get; init; }
    public string? Closed { get; init; }
}

/// <summary>Something that is not audio: `dtmf`, `hold`, `resume`, `gap`.</summary>
public sealed record EventRecord
{
    public required string Type { get; init; }
    public required int Role { get; init; }
    public required long Position { get; init; }
    public string? Digit { get; init; }

    /// <summary>The event code of RFC 4733.</summary>
    public int? Event { get; init; }

    /// <summary>Who holds or resumes: `caller` or `callee`.</summary>
    public string? By { get; init; }
    public double? DurationMs { get; init; }
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
