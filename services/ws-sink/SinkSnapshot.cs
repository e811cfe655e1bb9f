using CallMirror.WsSink.Calls;

namespace CallMirror.WsSink;

/// <summary>What this process has done so far.</summary>
/// <param name="StreamsBegun">Streams that began or were gone on with.</param>
/// <param name="StreamsEnded">Of those, the ones that have ended.</param>
/// <param name="SamplesStored">Samples written, silence for holes included.</param>
/// <param name="SecondsStored">How long those samples last, each at its stream's rate.</param>
/// <param name="Refusals">Connections that were turned away or closed by the sink.</param>
public sealed record SinkTotals(long StreamsBegun, long StreamsEnded, long SamplesStored, double SecondsStored, long Refusals)
{
    /// <summary>Streams that have begun and not ended.</summary>
    public long StreamsOpen => StreamsBegun - StreamsEnded;
}

/// <summary>The calls of this process, the latest first, and the sums; of ended calls the most recent ones only.</summary>
public sealed record SinkSnapshot(SinkTotals Totals, IReadOnlyList<CallRecord> Calls);
