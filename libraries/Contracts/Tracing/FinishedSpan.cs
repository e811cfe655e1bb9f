using System.Diagnostics;

namespace CallMirror.Contracts.Tracing;

/// <summary>
/// A span that is over. Spans are written when they are, with ids that were chosen or derived before: so nothing has to be kept alive meanwhile, and what is
/// below a span can be written before it.
/// </summary>
public sealed class FinishedSpan
{
    private readonly List<KeyValuePair<string, object?>> _tags = [];
    private readonly List<ActivityEvent> _events = [];

    /// <summary>What happened, in few words that do not differ from call to call.</summary>
    public required string Name { get; init; }

    /// <summary>Its place among services.</summary>
    public ActivityKind Kind { get; init; } = ActivityKind.Internal;

    /// <summary>The call's.</summary>
    public required ActivityTraceId TraceId { get; init; }

    /// <summary>Its own id.</summary>
    public ActivitySpanId Id { get; init; } = ActivitySpanId.CreateRandom();

    /// <summary>The span above it; not set for the call itself.</summary>
    public ActivitySpanId ParentId { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When it was over.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>What went wrong, in few words; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Its context, for what is below it in other processes.</summary>
    public string TraceParent => CallTrace.Parent(TraceId, Id, isRecorded: true);

    /// <summary>Adds an attribute; one without a value is left out.</summary>
    public FinishedSpan With(string name, object? value)
    {
        if (value is not null)
            _tags.Add(new(name, value));
        return this;
    }

    /// <summary>Adds a moment.</summary>
    public FinishedSpan WithEvent(string name, DateTimeOffset at, string? attribute = null, object? value = null)
    {
        _events.Add(new ActivityEvent(name, at, attribute is null || value is null ? null : new ActivityTagsCollection { [attribute] = value }));
        return this;
    }

    /// <summary>Hands it to whoever listens to the source; the host's sampler may decide against it.</summary>
    public void WriteTo(ActivitySource source)
    {
        bool isRoot = ParentId == default;
        var parent = new ActivityContext(TraceId, isRoot ? Id : ParentId, ActivityTraceFlags.Recorded, isRemote: !isRoot);
        using var activity = source.StartActivity(Kind, parent, _tags, links: null, Start, Name);
        if (activity is null)
            return;
        SpanIds.Set(activity, Id, isRoot);
        foreach (var moment in _events)
            activity.AddEvent(moment);
        if (Error is not null)
            activity.SetStatus(ActivityStatusCode.Error, Error);
        activity.SetEndTime(End.UtcDateTime);
    }
}
