using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Control;
using CallMirror.ServiceDefaults.Settings;
using CallMirror.SipTracker.Outbox;
using CallMirror.SipTracker.Tracing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CallMirror.SipTracker;

/// <summary>Adds sip-tracker to a host.</summary>
public static class SipTrackerExtensions
{
    /// <summary>The queue that SIP messages, and media without SIP, come to.</summary>
    public const string Queue = Exchanges.SipTrackerQueue;

    /// <summary>Where its settings are.</summary>
    public const string Section = "CallMirror:SipTracker";
    private const string DefaultStatePath = "calls.db";

    // "CallMirror": { "SipTracker": { "StatePath": "/var/lib/callmirror/calls.db", "LaneGroups": "default,archive", "MaxCalls": 50000 } }

    /// <summary>Follows calls as the configuration says, for a process of its own: the state is kept in a file, and live packets are expected.</summary>
    public static IServiceCollection AddSipTracker(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        services.AddHealthChecks().AddCheck<TrackerHealth>("call-state");
        return services.AddSipTracker(options =>
        {
            (options.StatePath, options.IsLive) = (DefaultStatePath, true);
            var lists = (options.LaneGroups, options.CorrelationHeaders);
            (options.LaneGroups, options.CorrelationHeaders) = ([], []);
            section.Bind(options);
            options.LaneGroups = ListSetting.Read(section, nameof(options.LaneGroups)) ?? lists.LaneGroups;
            options.CorrelationHeaders = ListSetting.Read(section, nameof(options.CorrelationHeaders)) ?? lists.CorrelationHeaders;
        });
    }

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
        services.AddSingleton<CallSpans>();
        services.AddSingleton<CallLanes>().AddSingleton<UntakenCalls>();
        services.AddSingleton<EventOutbox>();
        services.AddSingleton<TrackedCalls>();
        services.AddHostedService<SipTrackerService>();
        Type[] consumers =
        [
            typeof(SipMessageConsumer), typeof(FoundMediaConsumer), typeof(MediaRunningConsumer), typeof(ActiveCallsConsumer),
        ];
        return services.AddControlEndpoint(new ControlEndpoint(Queue, consumers, Temporary: false));
    }
}
