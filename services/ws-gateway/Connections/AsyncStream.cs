namespace CallMirror.WsGateway.Connections;

/// <summary>A stream of a connection, read and written asynchronously only, and from where it stands. Who derives says how, by memory.</summary>
internal abstract class AsyncStream : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> data, CancellationToken cancellationToken = default);

    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default);

    public override Task<int> ReadAsync(byte[] data, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(data.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] data, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(data.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] data, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] data, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
