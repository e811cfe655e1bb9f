using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.SipTracker;

/// <summary>Answers who joins, from the queue of the SIP messages, and in order with what is published: so no event can overtake the answer.</summary>
internal sealed class ActiveCallsConsumer(TrackedCalls calls) : IConsumer<ActiveCallsRequested>
{
    public Task Consume(ConsumeContext<ActiveCallsRequested> context)
    {
        var request = context.Message;
        return calls.TellAsync(request, AddressOf(request), context.CancellationToken);
    }

    // As its owner has declared the queue: the broker refuses to declare it otherwise.
    private static Uri AddressOf(ActiveCallsRequested request)
    {
        string durable = request.IsTransient ? "false" : "true";
        string autoDelete = request.IsTemporary ? "true" : "false";
        return new Uri($"exchange:{request.ReplyTo}?durable={durable}&autodelete={autoDelete}");
    }
}
