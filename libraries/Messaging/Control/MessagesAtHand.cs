using System.Collections.Concurrent;
using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>The messages that consumers work on now. One that never comes back keeps its queue from ever being read again, and MassTransit calls that healthy.</summary>
internal sealed class MessagesAtHand(TimeProvider time) : IReceiveObserver
{
    private readonly ConcurrentDictionary<ReceiveContext, long> _begun = new();

    /// <summary>How long the oldest has been worked on; nothing where there is none.</summary>
    public TimeSpan Oldest => _begun.Values.Select(begun => time.GetElapsedTime(begun)).DefaultIfEmpty().Max();

    /// <inheritdoc/>
    public Task PreReceive(ReceiveContext context)
    {
        _begun[context] = time.GetTimestamp();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PostReceive(ReceiveContext context) => Done(context);

    /// <inheritdoc/>
    public Task ReceiveFault(ReceiveContext context, Exception exception) => Done(context);

    /// <inheritdoc/>
    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    /// <inheritdoc/>
    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    private Task Done(ReceiveContext context)
    {
        _begun.TryRemove(context, out _);
        return Task.CompletedTask;
    }
}
