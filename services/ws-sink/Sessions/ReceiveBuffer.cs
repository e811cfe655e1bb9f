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

    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(Size);
    private int _from;
    private int _to;
    private int _text;

    public Memory<byte> Room => _bytes.AsMemory(_to + _text, Size - _to - _text);

    public bool IsNearlyFull => Size - _to - _text < MinRoom;

    /// <summary>Whole samples only: a byte that is half of one waits for the other.</summary>
    public ReadOnlySpan<byte> Audio => _bytes.AsSpan(_from, (_to - _from) & ~1);

    public bool EndsInHalfSample => ((_to - _from) & 1) != 0;

    public int TextLength => _text;

    public ReadOnlySpan<byte> Text => _bytes.AsSpan(_to, _text);

    public void AddAudio(int count) => _to += count;

    public void AddText(int count) => _text += count;

    public void AudioStored() => _from += (_to - _from) & ~1;

    public void TextRead() => _text = 0;

    /// <summary>Moves what is kept to the front; to be called before a receive, never during one.</summary>
    public void MakeRoom()
    {
        if (_from != 0 && (IsNearlyFull || _from == _to))
        {
            _bytes.AsSpan(_from, _to + _text - _from).CopyTo(_bytes);
            (_from, _to) = (0, _to - _from);
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
}
