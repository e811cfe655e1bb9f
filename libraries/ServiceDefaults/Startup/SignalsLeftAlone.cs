using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CallMirror.ServiceDefaults.Startup;

/// <summary>For a host that runs within another's process: signals are the business of that process.</summary>
public static class SignalsLeftAlone
{
    /// <summary>Makes the host start and stop when it is told to, and at no signal.</summary>
    public static IServiceCollection LeaveSignalsAlone(this IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
