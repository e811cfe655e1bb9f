using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>The media bus over RabbitMQ as a part of a host.</summary>
public static class RabbitMqMediaServices
{
    /// <summary>Adds the media plane of the distributed shape: <see cref="IMediaBus"/>, and <see cref="IBrokerHealth"/> for a health check.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">
    /// The host's configuration, whose section <see cref="BrokerOptions.Section"/> is read:
    /// <c>{ "CallMirror": { "Broker": { "Uri": "amqp://user:password@host:5672/vhost", "Durable": true, "Shards": 1 } } }</c>.
    /// </param>
    public static IServiceCollection AddRabbitMqMediaBus(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMetrics();
        services.AddSingleton<MediaBusMetrics>();
        services.AddOptions<BrokerOptions>().Bind(configuration.GetSection(BrokerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services;
    }
}
