using CallMirror.Messaging.Broker;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CallMirror.Messaging.Control;

/// <summary>The control plane of the distributed shape.</summary>
public static class RabbitMqControlPlane
{
    private const string MassTransitTag = "masstransit";

    /// <summary>
    /// Adds MassTransit over RabbitMQ with the endpoints that the host's services have added, and a health check of it. Call it after them.
    /// <code>{ "CallMirror": { "Broker": { "Uri": "amqp://user:password@host:5672/vhost", "Durable": true, "ControlMaxAge": "00:10:00" } } }</code>
    /// </summary>
    public static IServiceCollection AddRabbitMqControlPlane(this IServiceCollection services, IConfiguration configuration)
    {
        AddOptions(services, configuration.GetSection(BrokerOptions.Section));
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddTransient<InOrderPublisher>();
        services.AddSingleton<ControlPlaneMetrics>().AddSingleton<ControlPlaneState>().AddSingleton<CallRequests>();
        var endpoints = ControlPlane.Endpoints(services);
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            ControlPlane.AddConsumers(bus, endpoints);
            bus.UsingRabbitMq((context, transport) => Configure(context, transport, endpoints));
        });
        ReplaceHost(services);
        return services;
    }

    private static void AddOptions(IServiceCollection services, IConfigurationSection section)
    {
        // The media plane reads the same section.
        if (!services.Any(service => service.ServiceType == typeof(IConfigureOptions<BrokerOptions>)))
            services.AddOptions<BrokerOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ControlLimits>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
    }

    // MassTransit's own host would begin before the broker is there, and its health check and log would tell of every attempt.
    private static void ReplaceHost(IServiceCollection services)
    {
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(MassTransitHostedService)));
        services.AddHostedService<ControlPlaneHost>();
        services.AddLogging(logging => logging.AddFilter("MassTransit", LogLevel.None));
        services.AddHealthChecks().AddCheck<ControlPlaneState>("control-plane");
        services.PostConfigure<HealthCheckServiceOptions>(health =>
        {
            foreach (var theirs in health.Registrations.Where(check => check.Tags.Contains(MassTransitTag)).ToList())
                health.Registrations.Remove(theirs);
        });
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator transport, List<ControlEndpoint> endpoints)
    {
        var broker = context.GetRequiredService<IOptions<BrokerOptions>>().Value;
        var topology = new ControlTopology(broker, context.GetRequiredService<IOptions<ControlLimits>>().Value);
        ConfigureHost(transport, broker);
        ControlPlane.UsePlainJson(transport);
        topology.Declare(transport);
        var metrics = context.GetRequiredService<ControlPlaneMetrics>();
        var requests = context.GetRequiredService<CallRequests>();
        foreach (var endpoint in endpoints)
            transport.ReceiveEndpoint(endpoint.Queue, queue =>
            {
                topology.Declare(queue, endpoint);
                DeadLetters.Count(queue, endpoint, metrics);
                requests.Watch(queue, endpoint);
                ControlPlane.Configure(context, queue, endpoint);
            });
    }

    private static void ConfigureHost(IRabbitMqBusFactoryConfigurator transport, BrokerOptions broker)
    {
        var uri = new Uri(broker.Uri);
        var user = uri.UserInfo.Split(':', 2);
        string virtualHost = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "/";
        bool isTls = uri.Scheme == "amqps";
        ushort port = (ushort)(uri.Port > 0 ? uri.Port : isTls ? 5671 : 5672);
        transport.Host(uri.Host, port, virtualHost, $"callmirror {AppDomain.CurrentDomain.FriendlyName} control", host =>
        {
            host.Username(Uri.UnescapeDataString(user[0]));
            host.Password(user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
            host.Heartbeat(broker.Heartbeat);
            host.PublisherConfirmation = true;
            if (isTls)
                host.UseSsl(ssl => ssl.ServerName = uri.Host);
        });
        if (!broker.Durable)
            transport.ConfigurePublish(pipe => pipe.UseExecute(context => context.Durable = false));
    }
}
