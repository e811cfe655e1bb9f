using CallMirror.Messaging.Media;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.Messaging.InProcess;

/// <summary>The in-process media bus as a part of a host.</summary>
public static class InProcessMediaServices
{
    /// <summary>Adds the media plane of the embedded shape.</summary>
    public static IServiceCollection AddInProcessMediaBus(this IServiceCollection services, WhenFull whenFull)
    {
        services.AddMetrics();
        services.AddSingleton<MediaBusMetrics>();
        services.AddOptions<InProcessMediaOptions>().Configure(options => options.WhenFull = whenFull).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<InProcessMediaBus>();
        return services.AddSingleton<IMediaBus>(provider => provider.GetRequiredService<InProcessMediaBus>());
    }
}
