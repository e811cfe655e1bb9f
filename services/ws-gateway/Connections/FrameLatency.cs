namespace CallMirror.WsGateway.Connections;

/// <summary>How long the frames of one write to a listener took, each from the capture of the packet that it begins with.</summary>
/// <param name="epoch">Capture time of position 0.</param>
/// <param name="parts">The clock, which must agree with capture's, and the metrics.</param>
internal sealed class FrameLatency(DateTimeOffset epoch, GatewayParts parts)
{
    private readonly List<long> _positions = [];

    /// <summary>A write begins.</summary>
    public void Begin() => _positions.Clear();

    /// <summary>A frame that begins at this position goes with it.</summary>
    public void Add(long position) => _positions.Add(position);

    /// <summary>The write was handed to the socket.</summary>
    public void Handed(int sampleRate)
    {
        var now = parts.Time.GetUtcNow() - epoch;
        foreach (long position in _positions)
            parts.Metrics.Delivered(now - TimeSpan.FromSeconds((double)position / sampleRate));
    }
}
