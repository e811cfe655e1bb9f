using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>The media bus over RabbitMQ as a part of a host.</summary>
public static class RabbitMqMediaServices
{
    private const string AnyService = "callmirror";

    /// <summary>Adds the media plane of the distributed shape: <see cref="IMediaBus"/>, and <see cref="IBrokerHealth"/> for a health check.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">
    /// The host's configuration, whose section <see cref="BrokerOptions.Section"/> is read:
    /// <c>{ "CallMirror": { "Broker": { "Uri": "amqp://user:password@host:5672/vhost", "Durable": true, "Shards": 1 } } }</c>.
    /// </param>
    public static IServiceCollection AddRabbitMqMediaBus(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MediaBusMetrics>();
        services.AddOptions<BrokerOptions>().Bind(configuration.GetSection(BrokerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BrokerHealth>();
        services.AddSingleton<IBrokerHealth>(provider => provider.GetRequiredService<BrokerHealth>());
        services.AddSingleton(Bus);
        services.AddSingleton<IMediaBus>(provider => provider.GetRequiredService<RabbitMqMediaBus>());
        services.AddHealthChecks().AddCheck<BrokerHealthCheck>("media-plane");
        services.AddHostedService<RabbitMqStart>();
        return services;
    }

    private static RabbitMqMediaBus Bus(IServiceProvider provider)
    {
        var parts = new BrokerParts(
            provider.GetService<IHostEnvironment>()?.ApplicationName ?? AnyService,
            provider.GetRequiredService<IOptions<BrokerOptions>>().Value,
            provider.GetRequiredService<BrokerHealth>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RabbitMqMediaBus>>());
        return new RabbitMqMediaBus(parts, provider.GetRequiredService<MediaBusMetrics>());
    }

    /// <summary>Connects when the host starts, so that its health is true from the beginning; it does not wait for the broker.</summary>
    private sealed class RabbitMqStart(RabbitMqMediaBus bus) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            bus.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
