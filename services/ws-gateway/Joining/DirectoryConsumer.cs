using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.WsGateway.Joining;

/// <summary>Keeps the directory of calls, and tells those that listen in on one that it is over.</summary>
internal sealed class DirectoryConsumer(CallDirectory directory, CallTaps taps)
    : IConsumer<CallStarted>, IConsumer<CallAnswered>, IConsumer<MediaNegotiated>, IConsumer<CallHeld>, IConsumer<CallResumed>, IConsumer<CallEnded>
{
    public Task Consume(ConsumeContext<CallStarted> context) => Done(() => directory.Apply(context.Message));

    public Task Consume(ConsumeContext<CallAnswered> context) => Done(() => directory.Apply(context.Message));

    public Task Consume(ConsumeContext<MediaNegotiated> context) => Done(() =>
    {
        directory.Apply(context.Message);
        taps.Rename(context.Message);
    });

    public Task Consume(ConsumeContext<CallHeld> context) => Done(() => directory.Apply(context.Message));

    public Task Consume(ConsumeContext<CallResumed> context) => Done(() => directory.Apply(context.Message));

    public Task Consume(ConsumeContext<CallEnded> context) => Done(() =>
    {
        directory.Apply(context.Message);
        taps.OverBySip(context.Message);
    });

    private static Task Done(Action apply)
    {
        apply();
        return Task.CompletedTask;
    }
}
