using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>
/// A run of one source at its place in the stream, until it is written; holds a reference to the chunk. Near the ends of a stretch a filter has seen
/// silence where another source may have audio, so the samples between <paramref name="CoreFrom"/> and <paramref name="CoreTo"/> are the same from
/// every source, those outside are second choice.
/// </summary>
internal readonly record struct HeldRun(long Position, long CoreFrom, long CoreTo, MediaBuffer Owner, ReadOnlyMemory<byte> Audio)
{
    public long End => Position + (Audio.Length / 2);

    public bool HasCoreAt(long position) => position >= CoreFrom && position < CoreTo;

    public ReadOnlyMemory<byte> Slice(long from, long to) => Audio.Slice((int)(from - Position) * 2, (int)(to - from) * 2);
}

/// <summary>Positions of which a source knows nothing, as its chunk never came.</summary>
internal readonly record struct UnknownStretch(long From, long To);
