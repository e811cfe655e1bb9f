using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.SipTracker;

/// <summary>Answers who joins, from the queue of the SIP messages, and in order with what is published: so no event can overtake the answer.</summary>
internal sealed class ActiveCallsConsumer(TrackedCalls calls) : IConsumer<ActiveCallsRequested>
{
    public Task Consume(ConsumeContext<ActiveCallsRequested> context)
    {
        var request = context.Message;
        // As its owner has declared the queue: the broker refuses to declare it otherwise.
        var address = new Uri($"exchange:{request.ReplyTo}{(request.IsTemporary ? "?autodelete=true" : "")}");
        return calls.TellAsync(request, address, context.CancellationToken);
    }
}
