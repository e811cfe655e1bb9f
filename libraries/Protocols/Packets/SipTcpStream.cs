using System.Buffers;

namespace CallMirror.Protocols.Packets;

/// <summary>Cuts the bytes of one TCP direction, already in order, into SIP messages. A message it gives is a slice of its buffer, valid until the next <see cref="Append"/>.</summary>
internal sealed class SipTcpStream(int maxMessageLength)
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _skipped;
    private int _patience;
    private bool _searching;

    /// <summary>It turned out to carry something else than SIP: nothing more will come out of it.</summary>
    public bool IsLost { get; private set; }

    public int Capacity => _buffer.Length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (IsLost)
            return;
        if (_end - _start > maxMessageLength)
            Break(); // only where the caller doesn't read what is ready
        Compact();
        EnsureCapacity(_end + bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Bytes are missing here: what is unfinished is useless, and what follows may begin anywhere.</summary>
    public void Break()
    {
        _patience = maxMessageLength;
        Skip(_end - _start);
        _searching = true;
    }

    public bool TryRead(out ReadOnlySpan<byte> message)
    {
        message = default;
        while (!IsLost && _start < _end)
        {
            if (_searching)
                Search();
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            SipFrame frame = SipFramer.Find(rest, maxMessageLength, out int skip, out int length);
            _start += skip;
            if (frame == SipFrame.NeedMore)
                return false;
            if (frame == SipFrame.Message)
            {
                message = Take(length);
                return true;
            }

            Skip(1);
            _searching = true;
        }

        return false;
    }

    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        IsLost = true;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> message = _buffer.AsSpan(_start, length);
        _start += length;
        _skipped = 0;
        _patience = maxMessageLength;
        return message;
    }

    private void Search()
    {
        Skip(SipFramer.FindStart(_buffer.AsSpan(_start, _end - _start)));
        _searching = false;
    }

    /// <summary>A connection whose first bytes are no SIP is another protocol's at once; one that had a message may skip as much as a message.</summary>
    private void Skip(int bytes)
    {
        _start += bytes;
        _skipped += bytes;
        IsLost |= _skipped > _patience;
    }

    private void Compact()
    {
        if (_start == 0)
            return;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
    }

    private void EnsureCapacity(int length)
    {
        if (length <= _buffer.Length)
            return;
        byte[] grown = ArrayPool<byte>.Shared.Rent(length);
        _buffer.AsSpan(0, _end).CopyTo(grown);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
