using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.SipTracker;

/// <summary>Takes off the same queue what capture says of calls whose SIP it does not see: that there is one, and that it is over.</summary>
internal sealed class FoundMediaConsumer(TrackedCalls calls) : IConsumer<MediaFound>, IConsumer<CallEnded>
{
    public Task Consume(ConsumeContext<MediaFound> context) => calls.HandleAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<CallEnded> context) => calls.HandleAsync(context.Message, context.CancellationToken);
}
