using System.Threading.Channels;
using CallMirror.Messaging.Control;

namespace CallMirror.Capture.Control;

/// <summary>
/// What a live capture says on the control plane, in order, sent by a task of its own: packets don't wait for a broker that is away. Bounded;
/// what finds it full is for the caller to count.
/// </summary>
internal sealed class ControlOutbox(InOrderPublisher publisher) : IAsyncDisposable
{
    // Half an hour of the SIP of five hundred calls of a minute.
    private const int Length = 65_536;

    private const int MaxTogether = 64;

    // How long the last messages may take when the capture ends.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<ControlMessage> _messages = Channel.CreateBounded<ControlMessage>(new BoundedChannelOptions(Length) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _giveUp = new();
    private Task _sending = Task.CompletedTask;

    /// <summary>Begins to send.</summary>
    public void Start() => _sending = Task.Run(SendAsync);

    /// <summary>False where it is full.</summary>
    public bool TryPut(object message, string? traceParent) => _messages.Writer.TryWrite(new ControlMessage(message) { TraceParent = traceParent });

    /// <summary>Sends what is left, within five seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        _messages.Writer.TryComplete();
        _giveUp.CancelAfter(DrainTimeout);
        await _sending;
        _giveUp.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _messages.Reader.WaitToReadAsync(_giveUp.Token))
                await publisher.PublishAsync(Waiting(), _giveUp.Token);
        }
        catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
        {
            // The broker was away when the capture ended.
        }
    }

    private List<ControlMessage> Waiting()
    {
        var messages = new List<ControlMessage>();
        while (messages.Count < MaxTogether && _messages.Reader.TryRead(out var message))
            messages.Add(message);
        return messages;
    }
}
