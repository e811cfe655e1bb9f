namespace CallMirror.Capture.Pcap;

/// <summary>
/// A file's bytes from its beginning to its end, read ahead into a buffer that grows to the longest piece asked for. Owns the stream.
/// </summary>
internal sealed class FileBytes(Stream stream) : IDisposable
{
    private const int UsualLength = 64 * 1024;

    private byte[] _buffer = new byte[UsualLength];
    private int _start;
    private int _end;

    /// <summary>Bytes taken so far.</summary>
    public long Taken { get; private set; }

    /// <summary>Nothing follows; of a pipe it waits for that to be clear.</summary>
    public bool IsAtEnd => !TryPeek(1, out _);

    /// <summary>Shows the next bytes, valid until the next call; false where the file ends before.</summary>
    public bool TryPeek(int count, out ReadOnlySpan<byte> bytes)
    {
        bool isThere = _end - _start >= count || TryFill(count);
        bytes = isThere ? _buffer.AsSpan(_start, count) : default;
        return isThere;
    }

    /// <summary>Takes the next bytes, valid until the next call; false where the file ends before.</summary>
    public bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        if (!TryPeek(count, out bytes))
            return false;
        _start += count;
        Taken += count;
        return true;
    }

    /// <summary>Takes bytes that nobody wants, however many; false where the file ends before.</summary>
    public bool TrySkip(long count)
    {
        while (count > 0)
        {
            int step = (int)Math.Min(count, UsualLength);
            if (!TryTake(step, out _))
                return false;
            count -= step;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private bool TryFill(int count)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_buffer.Length < count)
            Array.Resize(ref _buffer, count);
        while (_end < count)
        {
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
