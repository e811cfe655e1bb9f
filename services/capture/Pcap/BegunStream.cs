namespace CallMirror.Capture.Pcap;

/// <summary>
/// A stream whose first bytes were looked at already, and that is read from its beginning all the same: a pipe can't go back.
/// </summary>
internal sealed class BegunStream(byte[] beginning, int length, Stream rest) : Stream
{
    private int _begun;

    /// <summary>Bytes given so far.</summary>
    public long Given { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = _begun < length ? Math.Min(buffer.Length, length - _begun) : rest.Read(buffer);
        if (_begun < length)
        {
            beginning.AsSpan(_begun, count).CopyTo(buffer);
            _begun += count;
        }

        Given += count;
        return count;
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
