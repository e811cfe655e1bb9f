using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Broker;
using MassTransit;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Control;

/// <summary>The exchanges and queues of the control plane, as every process declares them: topic exchanges with the call-id as routing key.</summary>
internal sealed class ControlTopology(BrokerOptions broker, ControlLimits limits)
{
    // Everything: a queue gets the events of all calls.
    private const string Any = "#";

    /// <summary>The exchange of each message, and what its routing key is.</summary>
    public void Declare(IRabbitMqBusFactoryConfigurator transport)
    {
        transport.MessageTopology.SetEntityNameFormatter(new EntityNames());
        transport.Publish<CallEvent>(topology => topology.Exclude = true);
        Declare<SipMessageHandled>(transport, message => message.CallId);
        Declare<CallStarted>(transport, message => message.CallId);
        Declare<CallAnswered>(transport, message => message.CallId);
        Declare<MediaNegotiated>(transport, message => message.CallId);
        Declare<CallHeld>(transport, message => message.CallId);
        Declare<CallResumed>(transport, message => message.CallId);
        Declare<CallEnded>(transport, message => message.CallId);
        Declare<StreamQuality>(transport, message => message.CallId);

        // sip-tracker's queue is there from the first message on, whoever starts first: none is lost.
        Declare<SipMessageCaptured>(transport, message => message.CallId, AtSipTracker);
        Declare<MediaFound>(transport, message => message.CallId, AtSipTracker);
        Declare<MediaRunning>(transport, message => message.CallId, AtSipTracker);
        Declare<ActiveCallsRequested>(transport, message => message.ReplyTo, AtSipTracker);
        DeadLetters.Configure(transport, Dead);
    }

    /// <summary>A queue and what it is bound to.</summary>
    public void Declare(IRabbitMqReceiveEndpointConfigurator queue, ControlEndpoint endpoint)
    {
        // Topic exchanges need a key to be bound by, which the usual bindings don't have.
        queue.ConfigureConsumeTopology = false;
        queue.PublishFaults = false;
        queue.Durable = broker.Durable;
        queue.AutoDelete = endpoint.Temporary;
        if (endpoint.Temporary)
            queue.QueueExpiration = ControlLimits.OrphanedAfter;
        queue.BindDeadLetterQueue(Exchanges.DeadControl, Exchanges.DeadControl, Dead);
        Limit(queue);
        foreach (var message in endpoint.Messages)
            queue.Bind(EntityNames.Of(message), binding => (binding.ExchangeType, binding.RoutingKey) = (ExchangeType.Topic, Any));
    }

    private static void Declare<T>(IRabbitMqBusFactoryConfigurator transport, Func<T, string> callId, Action<IRabbitMqMessagePublishTopologyConfigurator<T>>? also = null)
        where T : class
    {
        transport.Publish<T>(topology =>
        {
            topology.ExchangeType = ExchangeType.Topic;
            also?.Invoke(topology);
        });
        transport.Send<T>(topology => topology.UseRoutingKeyFormatter(context => RoutingKey.For(callId(context.Message))));
    }

    // MassTransit declares exchange and queue with one and the same durability, and exchanges are durable always: transient queues come with sip-tracker.
    private void AtSipTracker<T>(IRabbitMqMessagePublishTopologyConfigurator<T> topology)
        where T : class
    {
        if (!broker.Durable)
            return;
        topology.BindQueue(EntityNames.Of(typeof(T)), Exchanges.SipTrackerQueue, queue =>
        {
            (queue.ExchangeType, queue.RoutingKey) = (ExchangeType.Topic, Any);
            queue.SetQueueArgument("x-dead-letter-exchange", Exchanges.DeadControl);
            Limit(queue);
        });
    }

    private void Limit(IRabbitMqQueueConfigurator queue)
    {
        queue.SetQueueArgument("x-max-length-bytes", limits.ControlMaxBytes);
        queue.SetQueueArgument("x-message-ttl", (long)limits.ControlMaxAge.TotalMilliseconds);
    }

    private void Dead(IRabbitMqQueueBindingConfigurator queue)
    {
        // Whatever queue they come from: those of a process go away with it, their dead letters do not.
        (queue.Durable, queue.AutoDelete) = (true, false);
        queue.SetQueueArgument("x-expires", (object?)null);
        queue.SetQueueArgument("x-dead-letter-exchange", (object?)null);
        queue.SetQueueArgument("x-max-length-bytes", limits.ControlMaxBytes);
        queue.SetQueueArgument("x-message-ttl", (long)ControlLimits.DeadMaxAge.TotalMilliseconds);
    }
}
