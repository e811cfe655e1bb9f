namespace CallMirror.WsGateway.Connections;

/// <summary>A connection of which something was read already: that comes first.</summary>
/// <param name="ahead">What was read; owned.</param>
/// <param name="connection">The rest; owned.</param>
internal sealed class ReadAheadStream(ReadOnlyMemory<byte> ahead, Stream connection) : AsyncStream
{
    private ReadOnlyMemory<byte> _ahead = ahead;

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

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        connection.WriteAsync(data, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Dispose();
        base.Dispose(disposing);
    }
}
