using System.Diagnostics.Metrics;
using System.Threading.Channels;
using CallMirror.Messaging.Control;
using CallMirror.TestKit;
using CallMirror.TestKit.Broker;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>A host with a control plane over a real broker, and what its consumers have heard.</summary>
internal sealed class BrokerHost : IAsyncDisposable
{
    private readonly IHost _host;

    private BrokerHost(IHost host)
    {
        _host = host;
        Counts = new MeterCounts(host.Services.GetRequiredService<IMeterFactory>());
    }

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public InOrderPublisher Publisher => _host.Services.GetRequiredService<InOrderPublisher>();

    public ControlPlaneState State => _host.Services.GetRequiredService<ControlPlaneState>();

    public MeterCounts Counts { get; }

    /// <summary>Why the process ends by itself; null while it does not.</summary>
    public string? Failure =>
        _host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.ExecuteTask?.Exception?.InnerException?.Message).SingleOrDefault();

    public ChannelReader<object> Heard => _host.Services.GetRequiredService<Channel<object>>().Reader;

    /// <summary>Starts it and waits until it is connected.</summary>
    public static Task<BrokerHost> StartAsync(RabbitMqBroker broker, params ControlEndpoint[] endpoints) => StartAsync(broker.Uri, TimeProvider.System, endpoints);

    /// <summary>The same, at the broker or at a way to it.</summary>
    public static async Task<BrokerHost> StartAsync(string broker, TimeProvider time, params ControlEndpoint[] endpoints)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("CallMirror:Broker:Uri", broker)]);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<TaskCompletionSource>();
        builder.Services.AddSingleton(Channel.CreateUnbounded<object>());
        foreach (var endpoint in endpoints)
            builder.Services.AddControlEndpoint(endpoint);
        builder.Services.AddRabbitMqControlPlane(builder.Configuration);
        var host = new BrokerHost(builder.Build());
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        await host.State.WhenUpAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public Task<object> NextAsync() =>
        Heard.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Counts.Dispose();
        _host.Services.GetRequiredService<TaskCompletionSource>().TrySetResult();
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
