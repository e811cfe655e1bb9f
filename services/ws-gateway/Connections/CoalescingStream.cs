using System.Buffers;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// Lies between the WebSocket and its connection: between <see cref="Cork"/> and <see cref="UncorkAsync"/> it gathers what is written, so that all
/// frames of a chunk leave in one write. Outside it passes writes through, so that a ping or a pong is not kept waiting.
/// </summary>
/// <param name="socket">The connection's stream, owned; TLS is below it.</param>
/// <param name="sendTimeout">How long one write to the socket may take.</param>
/// <param name="time">The clock for it.</param>
internal sealed class CoalescingStream(Stream socket, TimeSpan sendTimeout, TimeProvider time) : AsyncStream
{
    private const int Capacity = 64 * 1024;

    // A ping may be written by a timer while the gateway flushes.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _timeout = new(Timeout.InfiniteTimeSpan, time);
    private byte[]? _buffer;
    private int _buffered;
    private volatile bool _corked;

    /// <summary>From now on writes are gathered.</summary>
    public void Cork() => _corked = true;

    /// <summary>Sends what was gathered, and gathers no more.</summary>
    public ValueTask UncorkAsync()
    {
        _corked = false;
        return SendAsync(default);
    }

    /// <summary>Writes one data frame, into the buffer where that has room.</summary>
    public ValueTask WriteFrameAsync(FrameKind kind, ReadOnlyMemory<byte> payload)
    {
        if (!_corked || !_gate.Wait(0, CancellationToken.None))
            return SendFrameAsync(kind, payload);
        if (Capacity - _buffered < payload.Length + FrameWriter.MaxHeadBytes)
            return SendFrameHoldingGateAsync(kind, payload);
        BufferFrame(kind, payload.Span);
        _gate.Release();
        return ValueTask.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (!_corked || !_gate.Wait(0, CancellationToken.None))
            return SendAsync(data);
        try
        {
            if (!TryBuffer(data.Span))
                return SendHoldingGateAsync(data, gather: data.Length <= Capacity);
        }
        catch
        {
            _gate.Release();
            throw;
        }

        _gate.Release();
        return ValueTask.CompletedTask;
    }

    // Writes outside a cork have gone out when they return.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask<int> ReadAsync(Memory<byte> data, CancellationToken cancellationToken = default) =>
        socket.ReadAsync(data, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            socket.Dispose();
            _timeout.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryBuffer(ReadOnlySpan<byte> data)
    {
        if (data.Length > Capacity - _buffered)
            return false;
        _buffer ??= ArrayPool<byte>.Shared.Rent(Capacity);
        data.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += data.Length;
        return true;
    }

    private void BufferFrame(FrameKind kind, ReadOnlySpan<byte> payload)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(Capacity);
        _buffered += FrameWriter.Write(_buffer.AsSpan(_buffered), kind, payload, MaskKeys.Next());
    }

    private async ValueTask SendFrameAsync(FrameKind kind, ReadOnlyMemory<byte> payload)
    {
        await _gate.WaitAsync(CancellationToken.None);
        await SendFrameHoldingGateAsync(kind, payload);
    }

    private async ValueTask SendFrameHoldingGateAsync(FrameKind kind, ReadOnlyMemory<byte> payload)
    {
        try
        {
            if (Capacity - _buffered < payload.Length + FrameWriter.MaxHeadBytes)
                await WriteOutBufferAsync();
            BufferFrame(kind, payload.Span);
            if (!_corked)
                await WriteOutBufferAsync();
        }
        finally
        {
            if (!_corked)
                ReturnBuffer();
            _gate.Release();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        await _gate.WaitAsync(CancellationToken.None);
        await SendHoldingGateAsync(data, gather: false);
    }

    private async ValueTask SendHoldingGateAsync(ReadOnlyMemory<byte> data, bool gather)
    {
        try
        {
            await WriteOutBufferAsync();
            if (gather)
                TryBuffer(data.Span);
            else if (data.Length > 0)
                await WriteOutAsync(data);
        }
        finally
        {
            if (!gather)
                ReturnBuffer();
            _gate.Release();
        }
    }

    // Held only while there is something to gather: a thousand idle connections share a few.
    private void ReturnBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _buffered = 0;
    }

    private async ValueTask WriteOutBufferAsync()
    {
        int count = _buffered;
        _buffered = 0;
        if (count > 0)
            await WriteOutAsync(_buffer.AsMemory(0, count));
    }

    private async ValueTask WriteOutAsync(ReadOnlyMemory<byte> data)
    {
        var write = socket.WriteAsync(data, _timeout.Token);
        if (write.IsCompleted)
        {
            await write;
            return;
        }

        _timeout.CancelAfter(sendTimeout);
        try
        {
            await write;
        }
        catch (OperationCanceledException)
        {
            throw new IOException($"the listener took nothing for {sendTimeout.TotalSeconds:0.#} s");
        }

        _timeout.TryReset();
    }
}
