using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.Capture.Control;

/// <summary>Puts what sip-tracker says into the inbox of the capture loop.</summary>
internal sealed class CallEventConsumer(CaptureInbox inbox)
    : IConsumer<MediaNegotiated>, IConsumer<CallAnswered>, IConsumer<CallHeld>, IConsumer<CallResumed>, IConsumer<CallEnded>, IConsumer<SipMessageHandled>
{
    public Task Consume(ConsumeContext<MediaNegotiated> context) => PutAsync(context);

    public Task Consume(ConsumeContext<CallAnswered> context) => PutAsync(context);

    public Task Consume(ConsumeContext<CallHeld> context) => PutAsync(context);

    public Task Consume(ConsumeContext<CallResumed> context) => PutAsync(context);

    public Task Consume(ConsumeContext<CallEnded> context) => PutAsync(context);

    public Task Consume(ConsumeContext<SipMessageHandled> context) => PutAsync(context);

    private Task PutAsync<T>(ConsumeContext<T> context)
        where T : class => inbox.PutAsync(context.Message, context.CancellationToken).AsTask();
}
