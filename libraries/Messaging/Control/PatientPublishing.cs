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
    public static Task PublishUntilConfirmedAsync(this IBus bus, object message, string? traceParent, TimeProvider time, CancellationToken cancellationToken) =>
        bus.SendUntilConfirmedAsync(new ControlMessage(message) { TraceParent = traceParent }, () => { }, time, cancellationToken);

    internal static async Task SendUntilConfirmedAsync(this IBus bus, ControlMessage message, Action leaves, TimeProvider time, CancellationToken cancellationToken)
    {
        while (!await TrySendAsync(bus, message, leaves, time, cancellationToken))
            await Task.Delay(Pause, time, cancellationToken);
    }

    /// <param name="bus">The bus.</param>
    /// <param name="message">The message.</param>
    /// <param name="leaves">Called each time that it leaves over a connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task SendAsync(this IBus bus, ControlMessage message, Action leaves, CancellationToken cancellationToken)
    {
        var pipe = Pipe.Execute<SendContext>(context =>
        {
            leaves();
            TraceHeader.Set(context, message.TraceParent);
        });
        var sent = message.To is null
            ? bus.Publish(message.Message, message.Message.GetType(), pipe, cancellationToken)
            : (await bus.GetSendEndpoint(message.To)).Send(message.Message, message.Message.GetType(), pipe, cancellationToken);
        // The client may wait for a confirm that never comes, and not hear the token.
        await sent.WaitAsync(cancellationToken);
    }

    private static async Task<bool> TrySendAsync(IBus bus, ControlMessage message, Action leaves, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await bus.SendAsync(message, leaves, either.Token);
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
