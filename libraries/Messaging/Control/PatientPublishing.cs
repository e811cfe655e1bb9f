using CallMirror.Messaging.Tracing;
using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>Publishing for those who have nobody behind them that would bring the message again.</summary>
public static class PatientPublishing
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Publishes until the broker has confirmed it, over as many connections as that takes: the message may come twice, but it comes. It carries a trace
    /// context where one is given.
    /// </summary>
    public static async Task PublishUntilConfirmedAsync(this IBus bus, object message, string? traceParent, TimeProvider time, CancellationToken cancellationToken)
    {
        while (!await TryPublishAsync(bus, message, traceParent, time, cancellationToken))
            await Task.Delay(Pause, time, cancellationToken);
    }

    private static async Task<bool> TryPublishAsync(IBus bus, object message, string? traceParent, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // The client may wait for a confirm that never comes, and not hear the token.
            await bus.Publish(message, message.GetType(), TraceHeader.On(traceParent), either.Token).WaitAsync(either.Token);
            return true;
        }
#pragma warning disable CA1031 // Whatever MassTransit makes of a broken connection.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
