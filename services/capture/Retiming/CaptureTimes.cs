using CallMirror.Capture.Calls;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Retiming;

/// <summary>
/// Tells by the beginning of a capture whether the times of its packets can be those at which they were sent: tools that write
/// captures have made some up.
/// </summary>
internal static class CaptureTimes
{
    private const int MostPackets = 20_000;
    private const int EnoughPackets = 4000;

    /// <summary>
    /// True where nothing speaks against them. All G.711 must come too fast, or too slowly: one sender alone may be wrong.
    /// </summary>
    public static bool AreReal(IPacketSource source)
    {
        Dictionary<(MediaPath Path, Ssrc Ssrc), StreamPace> paces = [];
        for (int i = 0; i < MostPackets && (i < EnoughPackets || !paces.Values.Any(pace => pace.IsMeasured)); i++)
        {
            if (!TryRead(source, out var packet))
                break;
            if (!G711Steps.TryRead(packet, out var path, out var rtp))
                continue;
            if (!paces.TryGetValue((path, rtp.Ssrc), out var pace))
                paces[(path, rtp.Ssrc)] = pace = new StreamPace();
            pace.Take(rtp, packet.TimeNs);
        }

        var measured = paces.Values.Where(pace => pace.IsMeasured).ToList();
        return measured.Count == 0 || !measured.TrueForAll(pace => pace.IsUnreal);
    }

    // That it is damaged is told when it is read; up to there it is judged.
    private static bool TryRead(IPacketSource source, out CapturedPacket packet)
    {
        try
        {
            return source.TryRead(out packet) == SourceStatus.Packet;
        }
        catch (CaptureException)
        {
            packet = default;
            return false;
        }
    }
}
