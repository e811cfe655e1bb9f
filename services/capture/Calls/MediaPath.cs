using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>From where to where packets go.</summary>
internal readonly record struct MediaPath(TransportAddress Source, TransportAddress Destination)
{
    /// <summary>The way back.</summary>
    public MediaPath Reverse => new(Destination, Source);
}
