using CallMirror.WsGateway;

namespace CallMirror.AllInOne.Reporting;

/// <summary>What a listener has of a stream, in the words of the table.</summary>
internal static class StoredAudio
{
    /// <summary>What is stored; where the listener never said what it has, that is said too.</summary>
    public static string Words(StreamFigures stream)
    {
        string whole = Seconds(stream, stream.End - stream.Start);
        string? stored = stream.StoredPosition is { } position ? Seconds(stream, Math.Max(0, position - stream.Start)) : null;
        if (stream.Failure is { } failure)
            return stored is null ? $"none of {whole} confirmed: {failure}" : $"{stored} of {whole} stored: {failure}";
        if (stream.IsStopped)
            return stored is null ? "it wanted no more" : $"{stored}, then it wanted no more";
        return (stored ?? $"{Seconds(stream, stream.Samples)} sent") + Notes(stream);
    }

    /// <summary>One sentence on what no listener will ever have, because it came too late for the limits of a live run; null where nothing is missing.</summary>
    public static string? Missing(IReadOnlyCollection<StreamFigures> streams)
    {
        var holed = streams.Where(stream => stream.MissingSamples > 0).ToList();
        double seconds = holed.Sum(stream => (double)stream.MissingSamples / stream.SampleRate);
        string where = holed.Count == 1 ? "one stream" : $"{holed.Count} streams";
        return holed.Count == 0 ? null : $"{seconds:0.00} s of audio of {where} fell off before the listener took it; each listener was told where, as a gap";
    }

    private static string Notes(StreamFigures stream)
    {
        string gaps = stream.Gaps > 0 ? $", {stream.Gaps} gaps" : "";
        string missing = stream.MissingSamples > 0 ? $", {Seconds(stream, stream.MissingSamples)} missing" : "";
        return gaps + missing + (stream.Reconnects > 0 ? $", {stream.Reconnects} reconnects" : "");
    }

    private static string Seconds(StreamFigures stream, long samples) => $"{(double)samples / stream.SampleRate:0.00} s";
}
