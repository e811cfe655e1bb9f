using System.Buffers;

namespace CallMirror.WsSink.Sessions;

/// <summary>
/// One connection's memory: audio that has not been stored, then the text that is being received, then room. Its owner is the session;
/// the bytes are pooled, and nothing moves while a receive is pending.
/// </summary>
internal sealed class ReceiveBuffer : IDisposable
{
    public const int Size = 65_536;

    // Less room than a few frames would cut messages into crumbs.
    private const int MinRoom = 2_048;

    private readonly byte[] bytes = ArrayPool<byte>.Shared.Rent(Size);
    private int from;
    private int to;
    private int text;

    public Memory<byte> Room => bytes.AsMemory(to + text, Size - to - text);

    public bool IsNearlyFull => Size - to - text < MinRoom;

    /// <summary>Whole samples only: a byte that is half of one waits for the other.</summary>
    public ReadOnlySpan<byte> Audio => bytes.AsSpan(from, (to - from) & ~1);

    public bool EndsInHalfSample => ((to - from) & 1) != 0;

    public int TextLength => text;

    public ReadOnlySpan<byte> Text => bytes.AsSpan(to, text);

    public void AddAudio(int count) => to += count;

    public void AddText(int count) => text += count;

    public void AudioStored() => from += (to - from) & ~1;

    public void TextRead() => text = 0;

    /// <summary>Moves what is kept to the front; to be called before a receive, never during one.</summary>
    public void MakeRoom()
    {
        if (from != 0 && (IsNearlyFull || from == to))
        {
            bytes.AsSpan(from, to + text - from).CopyTo(bytes);
            (from, to) = (0, to - from);
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);
}
