using CallMirror.Messaging.InProcess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CallMirror.Messaging.Rehearsing;

/// <summary>
/// Plays made-up calls through a service before it starts: what runs for the first time takes seconds, and many calls that begin at once would wait for it. They go through
/// a host of their own, which is gone before telemetry begins and the broker is asked for anything: nothing of them is left, and nobody hears of them.
/// </summary>
public static class Rehearsal
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Plays before anything of the host starts.</summary>
    public static IServiceCollection AddRehearsal(this IServiceCollection services, Func<CancellationToken, Task> play) =>
        services.AddSingleton<IHostedService>(provider => new AtStart(play, provider.GetRequiredService<TimeProvider>()));

    /// <summary>Starts a host with a media bus in memory and what is added, plays, and stops it.</summary>
    /// <param name="add">Adds the service, and a control plane in memory where it needs one.</param>
    /// <param name="play">Plays with it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task PlayAsync(Action<IServiceCollection> add, Func<IServiceProvider, CancellationToken, Task> play, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddInProcessMediaBus(WhenFull.DropOldest);
        add(builder.Services);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            await play(host.Services, cancellationToken);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Plays within a limit. Who could not rehearse begins cold, and is none the worse otherwise.</summary>
    internal static async Task TryAsync(Func<CancellationToken, Task> play, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await play(either.Token);
        }
#pragma warning disable CA1031 // Whatever what is played makes of a busy machine or a broken connection.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
        }
    }

    private sealed class AtStart(Func<CancellationToken, Task> play, TimeProvider time) : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => TryAsync(play, Limit, time, cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
