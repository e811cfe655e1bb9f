using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.SipTracker;

/// <summary>Takes SIP messages off the queue, one at a time.</summary>
internal sealed class SipMessageConsumer(TrackedCalls calls) : IConsumer<SipMessageCaptured>
{
    public Task Consume(ConsumeContext<SipMessageCaptured> context) => calls.HandleAsync(context.Message, context.CancellationToken);
}
