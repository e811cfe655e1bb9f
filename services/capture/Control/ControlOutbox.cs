using System.Threading.Channels;
using CallMirror.Messaging.Control;
using MassTransit;

namespace CallMirror.Capture.Control;

/// <summary>
/// What a live capture has to say on the control plane, published in its order beside the capture loop: packets do not wait for a broker's confirmation.
/// A full outbox makes the loop wait, and what then does not fit into the kernel's ring is counted there.
/// </summary>
internal sealed class ControlOutbox
{
    private const int Length = 16_384;

    private readonly Channel<object> _messages = Channel.CreateBounded<object>(
        new BoundedChannelOptions(Length) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _publishing;

    public ControlOutbox(IBus bus, TimeProvider time, CancellationToken abort) => _publishing = Task.Run(() => PublishAsync(bus, time, abort), CancellationToken.None);

    /// <summary>Takes a message in.</summary>
    public ValueTask AddAsync(object message, CancellationToken cancellationToken) => _messages.Writer.WriteAsync(message, cancellationToken);

    /// <summary>Nothing more comes; completes when all of it is confirmed.</summary>
    public Task FinishAsync()
    {
        _messages.Writer.TryComplete();
        return _publishing;
    }

    private async Task PublishAsync(IBus bus, TimeProvider time, CancellationToken abort)
    {
        await foreach (object message in _messages.Reader.ReadAllAsync(abort))
            await bus.PublishUntilConfirmedAsync(message, time, abort);
    }
}
