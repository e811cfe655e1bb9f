using CallMirror.Messaging.Media;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CallMirror.Messaging.InProcess;

/// <summary>The in-process media bus as a part of a host.</summary>
public static class InProcessMediaServices
{
    // A publisher that can wait needs no more in a lane than keeps its reader busy; what can't wait has to outlast a reconnect, or the start of a listener that is not up
    // yet, with the pause before the next attempt: twelve seconds.
    private const int LaneLengthWhereItWaits = 8;
    private const int LaneLengthWhereItDrops = 128;

    // Packets that can't wait come at two thousand calls' twenty thousand messages a second: most of a second of them.
    private const int WorkQueueLengthWhereItDrops = 16_384;

    /// <summary>
    /// Adds the media plane of the embedded shape, whose full queues do what <paramref name="whenFull"/> says; their lengths follow from it, and
    /// <see cref="InProcessMediaOptions"/> configured later have the last word.
    /// </summary>
    public static IServiceCollection AddInProcessMediaBus(this IServiceCollection services, WhenFull whenFull)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<MediaBusMetrics>();
        services.AddOptions<InProcessMediaOptions>().Configure(options => Configure(options, whenFull)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<InProcessMediaBus>();
        return services.AddSingleton<IMediaBus>(provider => provider.GetRequiredService<InProcessMediaBus>());
    }

    private static void Configure(InProcessMediaOptions options, WhenFull whenFull)
    {
        options.WhenFull = whenFull;
        options.LaneLength = whenFull == WhenFull.Wait ? LaneLengthWhereItWaits : LaneLengthWhereItDrops;
        if (whenFull == WhenFull.DropOldest)
            options.WorkQueueLength = WorkQueueLengthWhereItDrops;
    }
}
