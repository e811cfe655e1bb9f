using CallMirror.Capture.Control;
using CallMirror.Capture.Hearing;
using CallMirror.Capture.Hosting;
using CallMirror.Capture.Memory;
using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Control;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture;

/// <summary>Capture as a part of a host.</summary>
public static class CaptureServices
{
    // More than the bytes that may wait ever are.
    private const int WindowMessages = 200_000;

    /// <summary>Adds the capture loop and its ear for call events; whoever has a packet source runs the loop.</summary>
    public static IServiceCollection AddCapture(this IServiceCollection services, Action<CaptureOptions>? configure = null)
    {
        services.AddOptions<CaptureOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CaptureInbox>();
        services.AddMetrics();
        services.AddSingleton<CaptureMetrics>();
        services.AddSingleton<MirrorWatch>();
        services.AddSingleton<CaptureLoop>();
        return services.AddControlEndpoint(
            new ControlEndpoint($"callmirror.capture.{Guid.NewGuid():N}", [typeof(CallEventConsumer)], Temporary: true, FollowsCalls: true));
    }

    /// <summary>
    /// Adds capture as the configuration says, for a process of its own: it runs from its start to the end of its source.
    /// <code>{ "CallMirror": { "Capture": { "Interface": "eth0", "Filter": "udp", "Window": "00:00:00.100", "ReorderWait": "00:00:00.100" } } }</code>
    /// </summary>
    public static IServiceCollection AddCapture(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(CaptureInput.Section);
        var memory = MemoryBounds.Of(section);
        services.AddCapture(options =>
        {
            memory.Apply(options);
            section.Bind(options);
        });
        services.AddSingleton(memory).AddSingleton<IValidateOptions<CaptureOptions>, MemoryBounds.Check>();
        services.AddOptions<BrokerOptions>().PostConfigure(broker => OutlastTheBroker(broker, IsLive(section), memory, configuration));
        services.AddSingleton<IValidateOptions<CaptureInput>, CaptureInputValidator>();
        services.AddOptions<CaptureInput>().Configure(input => input.Read(section)).ValidateOnStart();
        services.AddCaptureHealth();
        services.AddHostedService<WaitingReport>();
        services.AddHostedService<CaptureProcess>();
        return services;
    }

    /// <summary>Adds what capture says of its health: whether packets are lost, and whether the mirror is heard.</summary>
    public static IServiceCollection AddCaptureHealth(this IServiceCollection services)
    {
        services.AddSingleton<CaptureHealth>().AddHealthChecks().AddCheck<CaptureHealth>("packets").AddCheck<MirrorHealth>("mirror");
        return services;
    }

    // Not of the options, whose own mistakes are to be said once.
    private static bool IsLive(IConfigurationSection section) =>
        !string.IsNullOrEmpty(section[nameof(CaptureInput.Interface)])
        || section.GetSection(nameof(CaptureInput.Load)).Exists()
        || (bool.TryParse(section[nameof(CaptureInput.Replay)], out bool replay) && replay);

    // Packets can't wait: what is captured while the broker is away is kept, and then the oldest of it dropped and counted.
    private static void OutlastTheBroker(BrokerOptions broker, bool isLive, MemoryBounds memory, IConfiguration configuration)
    {
        var section = configuration.GetSection(BrokerOptions.Section);
        if (section[nameof(broker.DropOldest)] is null)
            broker.DropOldest = isLive;
        if (section[nameof(broker.WindowMessages)] is null)
            broker.WindowMessages = WindowMessages;
        memory.Apply(broker, section);
    }
}
