using CallMirror.Messaging.Control;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CallMirror.SipTracker;

/// <summary>Adds sip-tracker to a host.</summary>
public static class SipTrackerExtensions
{
    /// <summary>The queue that SIP messages, and media without SIP, come to.</summary>
    public const string Queue = "callmirror.sip-tracker";

    // "SipTracker": { "StatePath": "/var/lib/callmirror/calls.db", "LaneGroups": ["default"], "CorrelationHeaders": ["X-Correlation-ID"], "IsLive": true }

    /// <summary>Follows calls: SIP messages in, call events out. Call it before the control plane is added; the host also adds the media bus.</summary>
    public static IServiceCollection AddSipTracker(this IServiceCollection services, Action<SipTrackerOptions>? configure = null)
    {
        var options = services.AddOptions<SipTrackerOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<SipTrackerMetrics>();
        services.AddSingleton<CallLog>();
        services.AddSingleton<CallLanes>();
        services.AddSingleton<TrackedCalls>();
        services.AddHostedService<SipTrackerService>();
        return services.AddControlEndpoint(new ControlEndpoint(Queue, [typeof(SipMessageConsumer), typeof(FoundMediaConsumer)], Temporary: false));
    }
}
