using System.Diagnostics.Metrics;

namespace CallMirror.TestKit;

/// <summary>What the instruments of one host stand at, each by its name with the values of its tags behind it, <c>name value value</c>.</summary>
public sealed class MeterCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _shown = new(StringComparer.Ordinal);
    private readonly List<(string Name, double Value)> _recorded = [];

    /// <summary>Counts from now on.</summary>
    /// <param name="scope">The meters' scope, usually the host's <see cref="IMeterFactory"/>: other tests run at the same time.</param>
    public MeterCounts(object scope)
    {
        _listener.InstrumentPublished = (instrument, meter) =>
        {
            if (instrument.Meter.Scope == scope)
                meter.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
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

    /// <summary>What a histogram of fractions was given, whatever the tags.</summary>
    public IReadOnlyList<double> Recorded(string histogram)
    {
        lock (_counts)
            return [.. _recorded.Where(one => one.Name == histogram).Select(one => one.Value)];
    }

    /// <summary>What the observable instruments show now.</summary>
    public IReadOnlyDictionary<string, double> Observe()
    {
        lock (_counts)
            _shown.Clear();
        _listener.RecordObservableInstruments();
        lock (_counts)
            return new Dictionary<string, double>(_shown);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Value}")]);
        lock (_counts)
        {
            if (instrument.IsObservable)
                _shown[name] = value;
            else if (instrument is Histogram<double>)
                _recorded.Add((instrument.Name, value));
            else
                _counts[name] = _counts.GetValueOrDefault(name) + (long)value;
        }
    }
}
