using CallMirror.Capture.Control;
using CallMirror.Messaging.Control;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CallMirror.Capture;

/// <summary>Capture as a part of a host.</summary>
public static class CaptureServices
{
    /// <summary>
    /// Adds the capture loop and its ear for call events; whoever has a packet source runs the loop.
    /// <code>{ "Capture": { "Window": "00:00:00.100", "ReorderWait": "00:00:00.100", "Linger": "00:00:00.500" } }</code>
    /// </summary>
    public static IServiceCollection AddCapture(this IServiceCollection services, Action<CaptureOptions>? configure = null)
    {
        services.AddOptions<CaptureOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CaptureInbox>();
        services.AddSingleton<CaptureLoop>();
        return services.AddControlEndpoint(new ControlEndpoint("callmirror.capture", [typeof(CallEventConsumer)], Temporary: true));
    }
}
