using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CallMirror.WsGateway.Joining;

/// <summary>Adds to a host what lets listeners join running calls.</summary>
public static class JoinServices
{
    private const string Section = "CallMirror:Gateway";

    private static string QueueName { get; } = $"callmirror.ws-gateway.calls.{Guid.NewGuid():N}";

    /// <summary>Adds it. It needs a media bus, and a control plane that is added after it.</summary>
    public static IServiceCollection AddJoining(this IServiceCollection services, Action<ListenOptions>? configure = null)
    {
        services.AddOptions<ListenOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ListenOptions>, ListenOptionsValidator>();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<JoinMetrics>();
        services.AddSingleton(provider => new JoinParts(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<JoinMetrics>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger<JoinServer>()));
        services.AddSingleton(provider => new CallDirectory(Options(provider).MaxCalls, provider.GetRequiredService<JoinMetrics>()));
        services.AddSingleton(provider => new CallTaps(
            provider.GetRequiredService<IMediaBus>(), provider.GetRequiredService<CallDirectory>(), Options(provider), provider.GetRequiredService<JoinParts>()));
        services.AddSingleton(provider => new JoinServer(
            provider.GetRequiredService<CallDirectory>(), provider.GetRequiredService<CallTaps>(), Options(provider), provider.GetRequiredService<JoinParts>(), provider.GetRequiredService<IHostApplicationLifetime>()));
        services.AddHostedService(provider => provider.GetRequiredService<JoinServer>());
        return services.AddControlEndpoint(new ControlEndpoint(QueueName, [typeof(DirectoryConsumer)], Temporary: true, FollowsCalls: true));
    }

    /// <summary>
    /// Adds it as the configuration says, which may be not at all.
    /// <code>{ "CallMirror": { "Gateway": { "ListenHost": "127.0.0.1", "ListenPort": 8100, "ListenToken": "..." } } }</code>
    /// </summary>
    public static IServiceCollection AddJoining(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        return section[nameof(ListenOptions.ListenPort)] is "" ? services : services.AddJoining(section.Bind);
    }

    private static ListenOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ListenOptions>>().Value;
}
