using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CallMirror.Messaging.Control;

/// <summary>The control plane of a host: MassTransit with the endpoints that the host's services have added.</summary>
public static class ControlPlane
{
    /// <summary>Adds a service's queue and consumers; <see cref="AddInMemoryControlPlane"/> then collects them.</summary>
    public static IServiceCollection AddControlEndpoint(this IServiceCollection services, ControlEndpoint endpoint) =>
        services.AddSingleton(endpoint);

    /// <summary>Adds MassTransit on its in-memory transport: the embedded shape. Call it after the services that add endpoints.</summary>
    public static IServiceCollection AddInMemoryControlPlane(this IServiceCollection services)
    {
        var endpoints = Endpoints(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddTransient<InOrderPublisher>();
        return services.AddMassTransit(bus =>
        {
            // MassTransit would report its use to its makers over the Internet, five minutes after the start.
            bus.DisableUsageTelemetry();
            AddConsumers(bus, endpoints);
            bus.UsingInMemory((context, transport) =>
            {
                UsePlainJson(transport);
                transport.MessageTopology.SetEntityNameFormatter(new EntityNames());
                foreach (var endpoint in endpoints)
                    transport.ReceiveEndpoint(endpoint.Queue, queue => Configure(context, queue, endpoint));
            });
        });
    }

    /// <summary>Plain JSON bodies, as a consumer in any language reads them; what MassTransit adds of its own goes into headers.</summary>
    internal static void UsePlainJson(IBusFactoryConfigurator transport) =>
        transport.UseRawJsonSerializer(RawSerializerOptions.AddTransportHeaders | RawSerializerOptions.CopyHeaders, isDefault: true);

    internal static List<ControlEndpoint> Endpoints(IServiceCollection services) =>
        [.. services.Where(service => service.ServiceType == typeof(ControlEndpoint)).Select(service => (ControlEndpoint)service.ImplementationInstance!)];

    internal static void AddConsumers(IBusRegistrationConfigurator bus, List<ControlEndpoint> endpoints)
    {
        foreach (var type in endpoints.SelectMany(endpoint => endpoint.Consumers).Distinct())
            bus.AddConsumer(type);
    }

    internal static void Configure(IBusRegistrationContext context, IReceiveEndpointConfigurator queue, ControlEndpoint endpoint)
    {
        ControlEndpoint.InOrder(queue);
        foreach (var type in endpoint.Consumers)
            queue.ConfigureConsumer(context, type);
    }
}
