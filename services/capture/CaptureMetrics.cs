using System.Diagnostics.Metrics;
using System.Text.Json;
using CallMirror.Capture.Sources;

namespace CallMirror.Capture;

/// <summary>
/// What capture counts, under the meter <c>CallMirror.Capture</c>: all of it is read from the loop's own counters when somebody asks, and costs a packet nothing.
/// </summary>
public sealed class CaptureMetrics
{
    private readonly Meter _meter;
    private CaptureLoop? _loop;

    /// <summary>Creates the instruments.</summary>
    public CaptureMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("CallMirror.Capture");
        _meter.CreateObservableCounter("callmirror.capture.packets", Kinds, "{packet}", "Packets captured, by kind");
        _meter.CreateObservableCounter("callmirror.capture.dropped", Drops, "{packet}", "Packets that went no further, by reason");
        _meter.CreateObservableCounter("callmirror.capture.kernel.drops", KernelDrops, "{packet}", "Packets that were never read: the ring was full, or the interface dropped them");
        Count("callmirror.capture.rtp.taken", "{packet}", "RTP packets that belong to a call", counters => counters.Rtp);
        Count("callmirror.capture.rtp.lost", "{packet}", "RTP packets of calls that never came", counters => counters.Lost);
        Count("callmirror.capture.rtp.late", "{packet}", "RTP packets of calls that came after their place was given up", counters => counters.Late);
        Count("callmirror.capture.rtp.duplicates", "{packet}", "Second copies of RTP packets of calls", counters => counters.Duplicates);
        Count("callmirror.capture.rtp.reordered", "{packet}", "RTP packets of calls that were put back into order", counters => counters.Reordered);
        Count("callmirror.capture.sip", "{message}", "SIP messages sent to sip-tracker", counters => counters.Sip);
        Count("callmirror.capture.batches", "{message}", "RTP batches made", counters => counters.Batches);
        Count("callmirror.capture.media.found", "{call}", "Media without SIP that sip-tracker was told of", counters => counters.Found);
        Count("callmirror.capture.media.unwatched", "{packet}", "RTP packets of no call that were not looked at, as too many senders were", counters => counters.Unwatched);
        _meter.CreateObservableUpDownCounter("callmirror.capture.calls", () => _loop?.Engine?.CallCount ?? 0, "{call}", "Calls whose media is followed");
        _meter.CreateObservableUpDownCounter(
            "callmirror.capture.calls.oneway", () => _loop?.Mirror.Calls.OneWay ?? 0, "{call}", "Of an interface: answered calls with one side alone");
        _meter.CreateObservableUpDownCounter(
            "callmirror.capture.calls.silent", () => _loop?.Mirror.Calls.Silent ?? 0, "{call}", "Of an interface: answered calls without any RTP");
        _meter.CreateObservableGauge(
            "callmirror.capture.silence", () => _loop?.Mirror.Silence.TotalSeconds ?? 0, "s", "Of an interface: how long neither SIP nor RTP has come");
        _meter.CreateObservableUpDownCounter("callmirror.capture.streams", () => Counters?.Streams ?? 0, "{stream}", "Streams of those calls that have had audio");
        _meter.CreateObservableUpDownCounter("callmirror.capture.unclaimed", () => _loop?.Engine?.UnclaimedCount ?? 0, "{packet}", "RTP packets that wait for their call");
        _meter.CreateObservableGauge("callmirror.capture.window", () => _loop?.Engine?.Window.TotalSeconds ?? 0, "s", "Audio in one batch");
    }

    private CaptureCounters? Counters => _loop?.Counters;

    /// <summary>Whose figures are shown.</summary>
    internal void Follow(CaptureLoop loop) => _loop = loop;

    private void Count(string name, string unit, string description, Func<CaptureCounters, long> read) =>
        _meter.CreateObservableCounter(name, () => Counters is { } counters ? read(counters) : 0, unit, description);

    private IEnumerable<Measurement<long>> Kinds() =>
        Counters is { } counters ? Enum.GetValues<CapturedKind>().Select(kind => Tagged(counters.Of(kind), "kind", Word(kind))) : [];

    private IEnumerable<Measurement<long>> Drops() =>
        Counters is { } counters ? counters.Drops().Select(drop => Tagged(drop.Count, "reason", Word(drop.Reason))) : [];

    private IEnumerable<Measurement<long>> KernelDrops()
    {
        SourceFigures figures = _loop?.Figures ?? default;
        return [Tagged(figures.DroppedByKernel, "where", "kernel"), Tagged(figures.DroppedByInterface, "where", "interface")];
    }

    private static Measurement<long> Tagged(long value, string key, string tag) => new(value, new KeyValuePair<string, object?>(key, tag));

    private static string Word<T>(T name)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(name.ToString());
}
