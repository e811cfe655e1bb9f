using System.Threading.Channels;
using CallMirror.Messaging.Control;
using MassTransit;

namespace CallMirror.Capture.Control;

/// <summary>
/// What a live capture says on the control plane, in order, sent by a task of its own: packets don't wait for a broker that is away. Bounded;
/// what finds it full is for the caller to count.
/// </summary>
internal sealed class ControlOutbox(IBus bus) : IAsyncDisposable
{
    // Half an hour of the SIP of five hundred calls of a minute.
    private const int Length = 65_536;

    // How long the last messages may take when the capture ends.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<(object Message, string? TraceParent)> _messages = Channel.CreateBounded<(object, string?)>(new BoundedChannelOptions(Length) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _giveUp = new();
    private Task _sending = Task.CompletedTask;

    /// <summary>Begins to send.</summary>
    public void Start() => _sending = Task.Run(SendAsync);

    /// <summary>False where it is full.</summary>
    public bool TryPut(object message, string? traceParent) => _messages.Writer.TryWrite((message, traceParent));

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
            await foreach (var (message, traceParent) in _messages.Reader.ReadAllAsync(_giveUp.Token))
                await bus.PublishUntilConfirmedAsync(message, traceParent, TimeProvider.System, _giveUp.Token);
        }
        catch (OperationCanceledException) when (_giveUp.IsCancellationRequested)
        {
            // The broker was away when the capture ended.
        }
    }
}
