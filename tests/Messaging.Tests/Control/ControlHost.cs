using CallMirror.Messaging.Control;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>A host with an in-memory control plane and the given endpoints; stopped when disposed, whether its test has passed or not.</summary>
internal sealed class ControlHost : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly IHost _host;

    private ControlHost(IHost host) => _host = host;

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public static async Task<ControlHost> StartAsync(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        configure(builder.Services);
        builder.Services.AddInMemoryControlPlane();
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new ControlHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _host.StopAsync(timeout.Token);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
