namespace CallMirror.WsGateway.Calls;

/// <summary>Stops the gateways of the process with it.</summary>
internal sealed class GatewayHost(IEnumerable<Gateway> gateways) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(gateways.Select(gateway => gateway.StopAsync(cancellationToken)));
}
