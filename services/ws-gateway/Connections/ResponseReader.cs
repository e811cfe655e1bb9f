namespace CallMirror.WsGateway.Connections;

/// <summary>Reads the heads of HTTP responses from a connection, one after the other, until the buffer is full.</summary>
/// <param name="connection">Where they come from; not owned.</param>
/// <param name="buffer">Room for all of them together; the caller's.</param>
internal sealed class ResponseReader(Stream connection, Memory<byte> buffer)
{
    private int _taken;
    private int _filled;

    /// <summary>What was read beyond the last head: no longer HTTP, but the first of the WebSocket. Valid as long as the buffer is.</summary>
    public ReadOnlyMemory<byte> Ahead => buffer[_taken.._filled];

    /// <summary>The next response that is final, and those before it skipped (RFC 9110 §15.2).</summary>
    /// <exception cref="IOException">None came; the message is for the user.</exception>
    public async ValueTask<ResponseHead> FinalAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = await NextAsync(cancellationToken);
            if (!head.IsInterim)
                return head;
        }
    }

    private async ValueTask<ResponseHead> NextAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = ResponseHead.LengthOf(Ahead.Span)) == 0)
            await FillAsync(cancellationToken);
        if (!ResponseHead.TryParse(Ahead.Span[..length], out var head, out _))
            throw NoHttp();
        _taken += length;
        return head;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        // Who speaks something else may wait for us to speak it too, and never end its first line.
        if (!ResponseHead.MayBegin(Ahead.Span))
            throw NoHttp();
        if (_filled == buffer.Length)
            throw new IOException($"the head of its answer is longer than {buffer.Length / 1024} kB");
        int read = await connection.ReadAsync(buffer[_filled..], cancellationToken);
        if (read == 0)
            throw new IOException("it closed the connection before it had answered");
        _filled += read;
    }

    private static IOException NoHttp() => new("its answer is none of HTTP/1.1");
}
