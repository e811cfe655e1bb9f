using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.WsGateway.Calls;

/// <summary>Has every gateway of the process follow the calls whose media was negotiated, and tells it when they are over.</summary>
internal sealed class CallEventConsumer(IEnumerable<Gateway> gateways) : IConsumer<MediaNegotiated>, IConsumer<CallEnded>
{
    public Task Consume(ConsumeContext<MediaNegotiated> context)
    {
        foreach (var gateway in gateways)
            gateway.Follow(context.Message);
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<CallEnded> context)
    {
        foreach (var gateway in gateways)
            gateway.OverBySip(context.Message);
        return Task.CompletedTask;
    }
}
