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
    private StartFrame? start;
    private Sender? sender;
    private StoredStream? stream;
    private long position;
    private long acked;

    public Phase Phase { get; private set; }

    /// <summary>The stream's name, once there is one.</summary>
    public string? Tag => stream?.Tag;

    /// <summary>Whether a second's worth of audio has been stored since the last ack.</summary>
    public bool AckIsDue(out long stored)
    {
        stored = stream?.End ?? 0;
        if (stream is null || stored - acked < stream.SampleRate)
            return false;
        acked = stored;
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
        stream!.Append(sender!, ref position, samples, (long)(options.MaxHole.TotalSeconds * stream.SampleRate));

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
        if (stream is not null)
            stream.Detach(sender!, why, time.GetTimestamp());
    }

    private async Task<Refusal> DoAsync(TextFrame frame, bool halfSample, CancellationToken cancellationToken)
    {
        switch (frame.Kind)
        {
            case FrameKind.Start:
                return await StartAsync(frame, cancellationToken);
            case FrameKind.Continue:
                position = frame.Position ?? position;
                return frame.Position is null ? Refusal.WrongField : Refusal.None;
            case FrameKind.Event:
                return stream!.Happened(sender!, Event(frame), placed: frame.Position is not null);
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
        if (!StartFrame.TryFrom(frame, out start, out var refusal))
            return refusal;
        sender = new Sender(start.Tag, start.Position, superseded);
        (stream, refusal) = await book.OpenAsync(start, sender, cancellationToken);
        if (stream is null)
            return refusal;
        position = start.Position;
        acked = stream.End;
        await ack(acked);
        return Refusal.None;
    }

    private async Task EndAsync(TextFrame frame)
    {
        await ack(stream!.End);
        var reason = string.IsNullOrWhiteSpace(frame.Reason) ? OwnEndReasons.Unknown : frame.Reason;
        await book.EndAsync(start!, stream, sender!, reason, frame.Position);
    }

    private EventRecord Event(TextFrame frame) => new()
    {
        Type = frame.Type!,
        Role = stream!.Role,
        Position = frame.Position ?? position,
        Digit = frame.Digit,
        Event = frame.Event,
        By = frame.By,
        DurationMs = frame.DurationMs,
        Samples = frame.Samples,
    };
}
