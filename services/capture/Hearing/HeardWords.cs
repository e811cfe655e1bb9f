using System.Globalization;

namespace CallMirror.Capture.Hearing;

/// <summary>The figures that a sentence names.</summary>
/// <param name="Packets">Packets since the line before.</param>
/// <param name="Period">How long ago that was.</param>
/// <param name="SipSinceRtp">SIP messages since RTP was heard last.</param>
/// <param name="Calls">The calls that are up.</param>
/// <param name="Silence">How long it has been silent: of packets, where there are none any more, else of SIP and RTP.</param>
internal readonly record struct HeardFigures(long Packets, TimeSpan Period, long SipSinceRtp, CallsHeard Calls, TimeSpan Silence);

/// <summary>What an interface hears, in a sentence: first what is so, then what to do about it.</summary>
internal static class HeardWords
{
    private static readonly TimeSpan SecondsUpTo = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MinutesUpTo = TimeSpan.FromHours(2);

    public static string Of(HeardState state, in HeardFigures figures) => state switch
    {
        HeardState.NoPackets => "no packets yet: is anything mirrored to it, and does the filter let it through?",
        HeardState.NoMorePackets => $"no packets for {Text(figures.Silence)}: is the mirror still on?",
        HeardState.NoMoreCalls => $"packets, but neither SIP nor RTP for {Text(figures.Silence)}: is the mirror still on?",
        HeardState.NeitherSipNorRtp =>
            $"packets, but neither SIP nor RTP for {Text(figures.Silence)}: mirror the port of the PBX (SIP over TLS and tunnels are not read)",
        HeardState.SipAlone => $"SIP but no RTP: {Count(figures.SipSinceRtp, "SIP message")}, no call that is answered",
        HeardState.SipButNoRtp => $"SIP but no RTP: {Count(figures.SipSinceRtp, "SIP message")}, "
            + $"{Count(figures.Calls.Silent, "answered call")} without a packet; mirror the RTP ports too, or the media runs past this mirror",
        HeardState.RtpButNoSip => $"RTP but no SIP: {Rate(figures)}, calls are found by their media alone; mirror the SIP port too",
        HeardState.RtpOneWay => $"RTP one way: in {figures.Calls.OneWay} of {Count(figures.Calls.OneWay + figures.Calls.BothWays, "call")} "
            + "one side alone is heard; mirror both directions",
        HeardState.Well => $"{Rate(figures)}, {Count(figures.Calls.Up, "call")}, SIP and RTP{(figures.Calls.BothWays > 0 ? " both ways" : "")}",
        _ => "quiet",
    };

    private static string Rate(in HeardFigures figures) =>
        string.Create(CultureInfo.InvariantCulture, $"{figures.Packets / Math.Max(figures.Period.TotalSeconds, 1e-3):0} packets/s");

    private static string Count(long number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static string Text(TimeSpan span)
    {
        if (span < SecondsUpTo)
            return $"{(long)span.TotalSeconds} s";
        return span < MinutesUpTo ? $"{(long)span.TotalMinutes} min" : $"{(long)span.TotalHours} h";
    }
}
