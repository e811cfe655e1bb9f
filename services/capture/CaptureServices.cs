using CallMirror.Capture.Control;
using CallMirror.Capture.Hosting;
using CallMirror.Messaging.Control;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture;

/// <summary>Capture as a part of a host.</summary>
public static class CaptureServices
{
    /// <summary>Adds the capture loop and its ear for call events; whoever has a packet source runs the loop.</summary>
    public static IServiceCollection AddCapture(this IServiceCollection services, Action<CaptureOptions>? configure = null)
    {
        services.AddOptions<CaptureOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CaptureInbox>();
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
        services.AddCapture(section.Bind);
        services.AddSingleton<IValidateOptions<CaptureInput>, CaptureInputValidator>();
        services.AddOptions<CaptureInput>().Configure(input => input.Read(section)).ValidateOnStart();
        services.AddSingleton<CaptureHealth>().AddHealthChecks().AddCheck<CaptureHealth>("packets");
        services.AddHostedService<CaptureProcess>();
        return services;
    }
}
