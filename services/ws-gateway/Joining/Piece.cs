using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Joining;

/// <summary>What a piece is.</summary>
internal enum PieceKind
{
    /// <summary>A frame of audio.</summary>
    Frame,

    /// <summary>Frames that fell off: silence of their length, and a word of it before.</summary>
    Lost,

    /// <summary>An event, as text.</summary>
    Text,

    /// <summary>The last text.</summary>
    End,
}

/// <summary>One thing that a stream gives its listeners, the same for all of them.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">Where its first sample stands.</param>
/// <param name="Samples">Positions that it covers.</param>
/// <param name="Owner">Holds the frame; each queue that the piece is in has a reference.</param>
/// <param name="Text">The text, in UTF-8.</param>
internal readonly record struct Piece(PieceKind Kind, long Position, long Samples, MediaBuffer? Owner, ReadOnlyMemory<byte> Text)
{
    public long End => Position + Samples;

    public static Piece Of(long position, int samples, MediaBuffer frame) => new(PieceKind.Frame, position, samples, frame, default);

    public static Piece Of(PieceKind kind, ReadOnlyMemory<byte> text) => new(kind, 0, 0, null, text);
}
