using CallMirror.Capture.Sources;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>How long a capture is.</summary>
internal static class PcapTimes
{
    public static TimeSpan Length(string path)
    {
        using var source = new CallMirror.AllInOne.Commands.Input([path], Device: null, Filter: null, Speed: null).Open(TimeProvider.System);
        long first = long.MaxValue, last = long.MinValue;
        while (source.TryRead(out var packet) == SourceStatus.Packet)
            (first, last) = (Math.Min(first, packet.TimeNs), Math.Max(last, packet.TimeNs));
        return TimeSpan.FromMicroseconds(Math.Max(0, last - first) / 1000.0);
    }
}
