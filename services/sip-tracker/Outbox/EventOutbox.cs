using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging;
using CallMirror.Messaging.Control;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker.Outbox;

/// <summary>
/// Publishes turn after turn in their order. A call whose media is to be announced waits for its lane, with all that is to be said of it; other calls go on.
/// </summary>
internal sealed class EventOutbox(CallLanes lanes, InOrderPublisher publisher, IOptions<SipTrackerOptions> options, TimeProvider time) : IDisposable
{
    private const int MaxTogether = 64;
    private const int MaxTurns = 32_768;

    private readonly Lock _lock = new();
    private readonly Channel<Entry> _ready = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, WaitingCall> _waiting = new(StringComparer.Ordinal);
    private readonly List<long> _published = [];
    private readonly List<(int Turns, TaskCompletionSource Reached)> _watchers = [];
    private readonly CancellationTokenSource _stopping = new();
    private int _turns;

    /// <summary>The numbers of turns that are published, and that the store may forget.</summary>
    public IReadOnlyList<long> Published
    {
        get
        {
            lock (_lock)
                return [.. _published];
        }
    }

    /// <summary>The store has forgotten so many of <see cref="Published"/>.</summary>
    public void Forgotten(int count)
    {
        lock (_lock)
            _published.RemoveRange(0, count);
    }

    /// <summary>Takes a turn. Whoever brings one then waits for <see cref="RoomAsync"/>.</summary>
    public void Add(Turn turn)
    {
        if (turn.Messages.Count == 0)
            return;
        lock (_lock)
        {
            _turns++;
            foreach (var message in turn.Messages)
                Place(new Entry(message, turn));
        }
    }

    /// <summary>Completes when there is room for more: a broker that is away must not fill the memory.</summary>
    public Task RoomAsync(CancellationToken cancellationToken) => WhenAtMostAsync(MaxTurns, cancellationToken);

    /// <summary>Completes when all is published.</summary>
    public Task IdleAsync(CancellationToken cancellationToken) => WhenAtMostAsync(0, cancellationToken);

    /// <summary>Publishes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _ready.Reader.WaitToReadAsync(stoppingToken))
            {
                if (HeldBack() is { Ticks: > 0 } wait)
                    await Task.Delay(wait, time, stoppingToken);
                else
                    await PublishAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is in the store.
        }

        await _stopping.CancelAsync();
        Task[] openings;
        lock (_lock)
            openings = [.. _waiting.Values.Select(call => call.Opening)];
        await Task.WhenAll(openings).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        var entries = new List<Entry>(MaxTogether);
        while (entries.Count < MaxTogether && HeldBack() == TimeSpan.Zero && _ready.Reader.TryRead(out var entry))
            entries.Add(entry);
        await publisher.PublishAsync([.. entries.Select(entry => entry.Message)], stoppingToken);
        lock (_lock)
        {
            foreach (var turn in entries.Select(entry => entry.Turn).Where(turn => turn.Publish()))
            {
                _turns--;
                if (turn.Number != Turn.NotStored)
                    _published.Add(turn.Number);
            }

            foreach (var (_, reached) in _watchers.Where(watcher => watcher.Turns >= _turns))
                reached.TrySetResult();
            _watchers.RemoveAll(watcher => watcher.Turns >= _turns);
        }
    }

    // For how long the next one is held back still.
    private TimeSpan HeldBack()
    {
        if (options.Value.AnswerDelay == TimeSpan.Zero || !_ready.Reader.TryPeek(out var next) || next.Turn.Taken is not { } taken)
            return TimeSpan.Zero;
        var left = options.Value.AnswerDelay - time.GetElapsedTime(taken);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private Task WhenAtMostAsync(int turns, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_turns <= turns)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((turns, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    private void Place(Entry entry)
    {
        if (_waiting.TryGetValue(CallIdOf(entry.Message), out var call))
            call.Entries.Enqueue(entry);
        else if (entry.Message.Message is MediaNegotiated negotiated && lanes.Lacks(negotiated))
            Wait(entry, negotiated);
        else
            Pass(entry);
    }

    private void Wait(Entry entry, MediaNegotiated negotiated)
    {
        var call = _waiting[negotiated.CallId] = new WaitingCall();
        call.Entries.Enqueue(entry);
        call.Opening = Task.Run(() => OpenAsync(negotiated));
    }

    private void Pass(Entry entry)
    {
        // Whoever owns the lane removes it when it has read to the end.
        if (entry.Message.Message is CallEnded ended)
            lanes.Forget(ended);
        _ready.Writer.TryWrite(entry);
    }

    // A broker that can't open it, for want of files perhaps, has said so in the log. Its audio waits in capture meanwhile.
    private async Task OpenAsync(MediaNegotiated negotiated)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10), Random.Shared);
        while (!await lanes.TryOpenAsync(negotiated, _stopping.Token))
            await Task.Delay(backoff.Next(), time, _stopping.Token);
        lock (_lock)
        {
            _waiting.Remove(negotiated.CallId, out var call);
            // A later call of the same Call-ID lacks a lane of its own.
            foreach (var entry in call!.Entries)
                Place(entry);
        }
    }

    private static string CallIdOf(ControlMessage message) => message.Message switch
    {
        CallEvent callEvent => callEvent.CallId,
        SipMessageHandled handled => handled.CallId,
        _ => "",
    };

    private readonly record struct Entry(ControlMessage Message, Turn Turn);

    private sealed class WaitingCall
    {
        public Queue<Entry> Entries { get; } = new();

        public Task Opening { get; set; } = Task.CompletedTask;
    }
}
