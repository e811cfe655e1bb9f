using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.WsGateway.Calls;

/// <summary>Has every gateway of the process follow the calls whose media was negotiated.</summary>
internal sealed class MediaNegotiatedConsumer(IEnumerable<Gateway> gateways) : IConsumer<MediaNegotiated>
{
    public Task Consume(ConsumeContext<MediaNegotiated> context)
    {
        foreach (var gateway in gateways)
            gateway.Follow(context.Message);
        return Task.CompletedTask;
    }
}
