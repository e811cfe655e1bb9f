using System.Diagnostics.CodeAnalysis;
using CallMirror.Contracts.Naming;

namespace CallMirror.WsSink.Protocol;

/// <summary>A `start` that has been checked: its names are safe, its audio is of a kind that can be stored.</summary>
/// <param name="Stream">Which stream it is: the one it resumes, or its own.</param>
/// <param name="Tag">The connection's own tag.</param>
/// <param name="Resumes">Whether it says that it goes on with a stream.</param>
/// <param name="CallId">The call's Call-ID, as it was sent.</param>
/// <param name="SampleRate">In hertz.</param>
/// <param name="Position">The position of its first sample, in samples since the call's epoch.</param>
internal sealed record StartFrame(StreamName Stream, string Tag, bool Resumes, string CallId, int SampleRate, long Position)
{
    /// <summary>Where a stream of which nothing is stored begins: the sender is asked for all that it has kept.</summary>
    public long FirstPosition { get; init; } = Position;

    public string? Direction { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public string? StartedAt { get; init; }
    public string? Traceparent { get; init; }

    public static bool TryFrom(TextFrame frame, [NotNullWhen(true)] out StartFrame? start, out Refusal error)
    {
        start = null;
        error = Check(frame, out var stream);
        if (error != Refusal.None)
            return false;
        start = new StartFrame(stream, frame.Tag!, frame.Resumes is not null, frame.CallId!, frame.SampleRate ?? 16_000, frame.Position ?? 0)
        {
            FirstPosition = Math.Min(frame.Position ?? 0, frame.KeptFrom ?? long.MaxValue),
            Direction = frame.Direction ?? (stream.Role == 0 ? "caller" : "callee"),
            From = frame.From,
            To = frame.To,
            StartedAt = frame.StartedAt,
            Traceparent = frame.Traceparent,
        };
        return true;
    }

    private static Refusal Check(TextFrame frame, out StreamName stream)
    {
        stream = default;
        if (frame.Tag is null || string.IsNullOrEmpty(frame.CallId))
            return Refusal.WrongField;
        if (!StreamTag.IsSafe(frame.Tag) || !StreamName.TryParse(frame.Resumes ?? frame.Tag, out stream))
            return Refusal.UnsafeTag;
        if (frame.Role is { } role && (stream.IsBare ? role is not (0 or 1) : role != stream.Role))
            return Refusal.UnsafeTag;
        if (stream.IsBare)
            stream = stream with { Role = frame.Role ?? 0 };
        var known = (frame.Encoding ?? "L16") == "L16" && (frame.Channels ?? 1) == 1 && (frame.SampleRate ?? 16_000) is >= 8_000 and <= 48_000;
        return known ? Refusal.None : Refusal.UnsupportedAudio;
    }
}
