using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallMirror.WsSink.Protocol;

/// <summary>A text frame as it came: every field of every type, none of them checked yet.</summary>
internal sealed record TextFrame
{
    /// <summary>The longest text, in bytes.</summary>
    public const int MaxBytes = 64_000;

    /// <summary>The longest value of a field, in characters.</summary>
    public const int MaxFieldLength = 2_048;

    /// <summary>Two years of samples at 16 kHz: no position of a real call comes near it, and sums of two don't overflow.</summary>
    public const long MaxPosition = 1L << 40;

    public string? Type { get; init; }
    public string? CallId { get; init; }

    /// <summary>Of `renamed`: what `start` said.</summary>
    public string? OldCallId { get; init; }
    public string? Tag { get; init; }
    public string? Resumes { get; init; }

    /// <summary>Where the audio can begin at the earliest, for a listener that has nothing of the stream.</summary>
    public long? KeptFrom { get; init; }

    public int? Role { get; init; }
    public string? Direction { get; init; }
    public string? Encoding { get; init; }
    public int? SampleRate { get; init; }
    public int? Channels { get; init; }
    public long? Position { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public string? StartedAt { get; init; }
    public string? Traceparent { get; init; }
    public string? Digit { get; init; }

    /// <summary>The event code of RFC 4733.</summary>
    public int? Event { get; init; }

    /// <summary>Who holds or resumes: `caller` or `callee`.</summary>
    public string? By { get; init; }
    public double? DurationMs { get; init; }
    public long? Samples { get; init; }
    public string? Reason { get; init; }

    [JsonIgnore]
    public FrameKind Kind => Type switch
    {
        "start" => FrameKind.Start,
        // The plainest sender says who it is, and no type.
        null when IsNamed => FrameKind.Start,
        "continue" => FrameKind.Continue,
        "end" => FrameKind.End,
        "dtmf" or "hold" or "resume" or "gap" => FrameKind.Event,
        "renamed" when CallId is not null => FrameKind.Event,
        _ => FrameKind.Unknown,
    };

    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out TextFrame? frame, out Refusal error)
    {
        frame = null;
        error = Refusal.InvalidJson;
        try
        {
            frame = JsonSerializer.Deserialize(utf8, FrameJson.Default.TextFrame);
        }
        catch (JsonException)
        {
            error = IsJson(utf8) ? Refusal.WrongField : Refusal.InvalidJson;
            return false;
        }
        if (frame is null)
            return false;
        error = frame.FieldsAreSound() ? Refusal.None : Refusal.WrongField;
        return error == Refusal.None;
    }

    private static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            while (reader.Read())
            {
                // Reading to the end is the check.
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsNamed => CallId is not null && Tag is not null;

    private bool FieldsAreSound() =>
        (Type is not null || IsNamed)
        && Position is null or >= 0 and <= MaxPosition
        && KeptFrom is null or >= 0 and <= MaxPosition
        && Samples is null or >= 0 and <= MaxPosition
        && DurationMs is null or >= 0 and <= 1e9
        && Array.TrueForAll(
            [Type, CallId, OldCallId, Tag, Resumes, Direction, Encoding, From, To, StartedAt, Traceparent, Digit, By, Reason],
            field => field is null || field.Length <= MaxFieldLength);
}

/// <summary>What a frame means to the order of things.</summary>
internal enum FrameKind
{
    Start,
    Continue,
    Audio,
    Event,
    End,

    /// <summary>A type of a later protocol: counted and passed over.</summary>
    Unknown,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false, MaxDepth = 8)]
[JsonSerializable(typeof(TextFrame))]
internal sealed partial class FrameJson : JsonSerializerContext;
