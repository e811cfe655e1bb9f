namespace CallMirror.WsGateway.Connections;

/// <summary>A connection of which something was read already: that comes first.</summary>
/// <param name="ahead">What was read; owned.</param>
/// <param name="connection">The rest; owned.</param>
internal sealed class ReadAheadStream(ReadOnlyMemory<byte> ahead, Stream connection) : Stream
{
    private ReadOnlyMemory<byte> _ahead = ahead;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> data, CancellationToken cancellationToken = default)
    {
        if (_ahead.IsEmpty)
            return connection.ReadAsync(data, cancellationToken);
        int count = Math.Min(data.Length, _ahead.Length);
        _ahead[..count].CopyTo(data);
        // The last of it lets go of the array.
        _ahead = count == _ahead.Length ? default : _ahead[count..];
        return ValueTask.FromResult(count);
    }

    public override Task<int> ReadAsync(byte[] data, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(data.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        connection.WriteAsync(data, cancellationToken);

    public override Task WriteAsync(byte[] data, int offset, int count, CancellationToken cancellationToken) =>
        connection.WriteAsync(data, offset, count, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] data, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] data, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Dispose();
        base.Dispose(disposing);
    }
}
