using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Sessions;

/// <summary>
/// What a connection's frames mean to the stream that it carries. Knows the order of things and no socket: <c>ack</c> tells the other side
/// up to which position its stream is stored, <c>superseded</c> is called when another connection takes the stream over.
/// </summary>
internal sealed class Conversation(
    CallBook book, SinkOptions options, SinkMetrics metrics, TimeProvider time, Func<long, Task> ack, Action superseded)
{
    private StartFrame? _start;
    private Sender? _sender;
    private StoredStream? _stream;
    private long _position;
    private long _acked;

    public Phase Phase { get; private set; }

    /// <summary>The stream's name, once there is one.</summary>
    public string? Tag => _stream?.Tag;

    /// <summary>Everything before this position is stored; null where no stream has begun.</summary>
    public long? Stored => _stream?.End;

    /// <summary>Whether a fifth of a second's worth of audio has been stored since the last ack: a gateway keeps it in memory until then.</summary>
    public bool AckIsDue(out long stored)
    {
        stored = _stream?.End ?? 0;
        if (_stream is null || stored - _acked < _stream.SampleRate / SinkOptions.AcksPerSecond)
            return false;
        _acked = stored;
        return true;
    }

    /// <summary>Asks whether audio may come now; before any of it is kept.</summary>
    public Refusal AudioComes()
    {
        Phase = Order.Next(Phase, FrameKind.Audio, out var refusal);
        return refusal;
    }

    /// <summary>Stores whole samples.</summary>
    public Refusal Store(ReadOnlySpan<byte> samples) =>
        _stream!.Append(_sender!, ref _position, samples, (long)(options.MaxHole.TotalSeconds * _stream.SampleRate));

    public async Task<Refusal> TextComesAsync(TextFrame frame, bool halfSample, CancellationToken cancellationToken)
    {
        var next = Order.Next(Phase, frame.Kind, out var refusal);
        if (refusal == Refusal.None)
            refusal = await DoAsync(frame, halfSample, cancellationToken);
        // Only now: the time that making files takes is not the other side's delay in closing.
        Phase = next;
        return refusal;
    }

    /// <summary>The connection is gone: a stream that has not ended waits for another.</summary>
    public void Leave(string why)
    {
        if (_stream is not null)
            _stream.Detach(_sender!, why, time.GetTimestamp());
    }

    private async Task<Refusal> DoAsync(TextFrame frame, bool halfSample, CancellationToken cancellationToken)
    {
        switch (frame.Kind)
        {
            case FrameKind.Start:
                return await StartAsync(frame, cancellationToken);
            case FrameKind.Continue:
                _position = frame.Position ?? _position;
                return frame.Position is null ? Refusal.WrongField : Refusal.None;
            case FrameKind.Event:
                return _stream!.Happened(_sender!, Event(frame), placed: frame.Position is not null);
            case FrameKind.End:
                await EndAsync(frame);
                return halfSample ? Refusal.HalfSample : Refusal.None;
            default:
                metrics.UnknownFrame();
                return Refusal.None;
        }
    }

    private async Task<Refusal> StartAsync(TextFrame frame, CancellationToken cancellationToken)
    {
        if (!StartFrame.TryFrom(frame, out _start, out var refusal))
            return refusal;
        _sender = new Sender(_start.Tag, _start.Position, superseded);
        (_stream, refusal) = await book.OpenAsync(_start, _sender, cancellationToken);
        if (_stream is null)
            return refusal;
        _position = _start.Position;
        _acked = _stream.End;
        await ack(_acked);
        return Refusal.None;
    }

    private async Task EndAsync(TextFrame frame)
    {
        await ack(_stream!.End);
        var reason = string.IsNullOrWhiteSpace(frame.Reason) ? OwnEndReasons.Unknown : frame.Reason;
        await book.EndAsync(_start!, _stream, _sender!, reason, frame.Position);
    }

    private EventRecord Event(TextFrame frame) => new()
    {
        Type = frame.Type!,
        Role = _stream!.Role,
        Position = frame.Position ?? _position,
        Digit = frame.Digit,
        Event = frame.Event,
        By = frame.By,
        DurationMs = frame.DurationMs,
        Samples = frame.Samples,
        CallId = frame.Type == EventRecord.Renamed ? frame.CallId : null,
        From = frame.Type == EventRecord.Renamed ? frame.From : null,
        To = frame.Type == EventRecord.Renamed ? frame.To : null,
    };
}
