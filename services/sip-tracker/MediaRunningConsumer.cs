using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.SipTracker;

/// <summary>Takes off the same queue what capture says of calls whose media runs.</summary>
internal sealed class MediaRunningConsumer(TrackedCalls calls) : IConsumer<MediaRunning>
{
    public Task Consume(ConsumeContext<MediaRunning> context) => calls.HandleAsync(context.Message, context.CancellationToken);
}
