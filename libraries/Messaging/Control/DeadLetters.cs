using CallMirror.Contracts.Naming;
using MassTransit;
using MassTransit.Middleware;

namespace CallMirror.Messaging.Control;

/// <summary>
/// Where control messages go that can't be handled: one queue for all, <see cref="Exchanges.DeadControl"/>. The header <c>MT-Fault-Message</c> or
/// <c>MT-Reason</c> says why, <c>x-death</c> where it was a queue's limit.
/// </summary>
internal sealed class DeadLetters : IErrorQueueNameFormatter, IDeadLetterQueueNameFormatter
{
    private DeadLetters()
    {
    }

    public string FormatErrorQueueName(string queueName) => Exchanges.DeadControl;

    public string FormatDeadLetterQueueName(string queueName) => Exchanges.DeadControl;

    /// <summary>Names the queue, and limits it.</summary>
    public static void Configure(IRabbitMqBusFactoryConfigurator transport, Action<IRabbitMqQueueBindingConfigurator> limit)
    {
        var names = new DeadLetters();
        transport.SendTopology.ErrorQueueNameFormatter = names;
        transport.SendTopology.DeadLetterQueueNameFormatter = names;
        transport.SendTopology.ConfigureErrorSettings = limit;
        transport.SendTopology.ConfigureDeadLetterSettings = limit;
    }

    /// <summary>Counts what goes there from a queue, and says why.</summary>
    public static void Count(IReceiveEndpointConfigurator queue, ControlEndpoint endpoint, ControlPlaneMetrics metrics)
    {
        queue.ConfigureError(pipe =>
        {
            pipe.UseExecute(context =>
            {
                context.GetOrAddPayload(() => new Grave());
                metrics.Died(endpoint, context.Exception);
            });
            pipe.UseFilter(new ErrorTransportFilter());
        });
        queue.ConfigureDeadLetter(pipe =>
        {
            pipe.UseFilter(new UnlessBuried());
            pipe.UseExecute(_ => metrics.Died(endpoint, exception: null));
            pipe.UseFilter(new DeadLetterTransportFilter());
        });
    }

    /// <summary>The message is among the dead letters already.</summary>
    private sealed class Grave;

    /// <summary>To MassTransit a message that could not be read is also one that no consumer took: it would come here a second time.</summary>
    private sealed class UnlessBuried : IFilter<ReceiveContext>
    {
        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) =>
            context.TryGetPayload<Grave>(out _) ? Task.CompletedTask : next.Send(context);

        public void Probe(ProbeContext context) => context.CreateFilterScope("unless-buried");
    }
}
