using CallMirror.Messaging.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>A host with an in-memory control plane and the given endpoints.</summary>
internal static class ControlHost
{
    public static async Task<IHost> StartAsync(Action<IServiceCollection> configure, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        configure(builder.Services);
        builder.Services.AddInMemoryControlPlane();
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }
}
