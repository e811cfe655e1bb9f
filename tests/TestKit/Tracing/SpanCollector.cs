using System.Collections.Concurrent;
using System.Diagnostics;

namespace CallMirror.TestKit.Tracing;

/// <summary>Hears the spans of one call in this process, whatever other tests do meanwhile.</summary>
public sealed class SpanCollector : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    /// <summary>Begins to listen.</summary>
    public SpanCollector(string callId)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("CallMirror.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (callId.Equals(span.GetTagItem("callmirror.call_id")))
                    _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Those so far.</summary>
    public IReadOnlyList<Activity> Spans => [.. _spans];

    /// <summary>The one of a name.</summary>
    public Activity this[string name] => Spans.Single(span => span.DisplayName == name);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
