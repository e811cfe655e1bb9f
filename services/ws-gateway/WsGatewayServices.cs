using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Calls;
using CallMirror.WsGateway.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CallMirror.WsGateway;

/// <summary>Adds gateways to a host.</summary>
public static class WsGatewayServices
{
    private const string Section = "CallMirror:Gateway";

    // Leaving takes up to twice that; a process has ten seconds.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3);

    // A hole in a call's sequence is a chunk that is still on its way: at a transcoder that took over from one that died, behind a broker that
    // restarts. Only a queue that dropped it makes it lost, and then its call alone waits that much longer.
    private static readonly TimeSpan LateLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StallLimit = TimeSpan.FromMinutes(1);

    // The audio of a call may wait for a transcoder as long as the broker keeps it (WorkMaxAge, five minutes), and comes when all is over.
    private static readonly TimeSpan EmptyLimit = TimeSpan.FromMinutes(6);

    /// <summary>Adds the gateway of the group <see cref="WsGatewayOptions.DefaultGroup"/>.</summary>
    public static IServiceCollection AddWsGateway(this IServiceCollection services, Action<WsGatewayOptions>? configure = null) =>
        services.AddWsGateway(WsGatewayOptions.DefaultGroup, configure);

    /// <summary>Adds the gateway of a group. Each <see cref="Gateway"/> of the process can be had by its group as key, or all together.</summary>
    public static IServiceCollection AddWsGateway(this IServiceCollection services, string group, Action<WsGatewayOptions>? configure = null)
    {
        services.AddOptions<WsGatewayOptions>(group).Configure(configure ?? (static _ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.AddKeyedSingleton(group, (provider, _) => NewGateway(provider, group));
        services.AddSingleton(provider => provider.GetRequiredKeyedService<Gateway>(group));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GatewayHost>());
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        if (!services.Any(IsEndpoint))
            services.AddControlEndpoint(new ControlEndpoint(QueueName, [typeof(CallEventConsumer)], Temporary: true, FollowsCalls: true, TakesLanes: true));
        return services;
    }

    /// <summary>
    /// Adds one gateway as the configuration says, for a process of its own.
    /// <code>{ "CallMirror": { "Gateway": { "Url": "ws://host:8765/", "Group": "default", "BearerToken": "...", "Headers": { "X-Tenant": "a" } } } }</code>
    /// </summary>
    public static IServiceCollection AddWsGateway(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        services.AddListenerHealth();
        return services.AddWsGateway(section["Group"] ?? WsGatewayOptions.DefaultGroup, options =>
        {
            options.StopTimeout = StopTimeout;
            (options.LateLimit, options.StallLimit, options.EmptyLimit) = (LateLimit, StallLimit, EmptyLimit);
            options.MaxHeldBytesInAll = HeldTotal.LimitOf(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            section.Bind(options);
            // The binder leaves an empty setting as it was.
            if (section[nameof(options.LateLimit)] is "")
                options.LateLimit = null;
        });
    }

    /// <summary>Adds what gateways say of their health: whether their listeners can be reached.</summary>
    public static IServiceCollection AddListenerHealth(this IServiceCollection services)
    {
        // One for all questions: it remembers what it was told a moment ago.
        services.TryAddSingleton<ListenerHealth>();
        services.AddHealthChecks().AddCheck<ListenerHealth>("listener");
        return services;
    }

    private static string QueueName { get; } = $"callmirror.ws-gateway.{Guid.NewGuid():N}";

    private static bool IsEndpoint(ServiceDescriptor service) => service.ImplementationInstance is ControlEndpoint endpoint && endpoint.Queue == QueueName;

    private static Gateway NewGateway(IServiceProvider provider, string group)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<WsGatewayOptions>>().Get(group);
        return new Gateway(group, options, provider.GetRequiredService<IMediaBus>(), Parts(provider, options));
    }

    private static GatewayParts Parts(IServiceProvider provider, WsGatewayOptions options) => new(
        provider.GetRequiredService<TimeProvider>(),
        Random.Shared,
        provider.GetRequiredService<GatewayMetrics>(),
        provider.GetRequiredService<ILoggerFactory>().CreateLogger<Gateway>(),
        new HeldTotal(options.MaxHeldBytesInAll));
}
