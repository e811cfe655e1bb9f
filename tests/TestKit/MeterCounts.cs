using System.Diagnostics.Metrics;

namespace CallMirror.TestKit;

/// <summary>What the counters of one host stand at, each by its name with the values of its tags behind it, <c>name value value</c>.</summary>
public sealed class MeterCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts from now on.</summary>
    /// <param name="scope">The meters' scope, usually the host's <see cref="IMeterFactory"/>: other tests run at the same time.</param>
    public MeterCounts(object scope)
    {
        _listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Meter.Scope == scope)
                meter.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            Add(string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Value}")]), value));
        _listener.Start();
    }

    /// <summary>All that has counted.</summary>
    public IReadOnlyDictionary<string, long> All
    {
        get
        {
            lock (_counts)
                return new Dictionary<string, long>(_counts);
        }
    }

    /// <summary>What one counter stands at; 0 where it has not counted.</summary>
    public long this[string counter] => All.GetValueOrDefault(counter);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Add(string counter, long value)
    {
        lock (_counts)
            _counts[counter] = _counts.GetValueOrDefault(counter) + value;
    }
}
