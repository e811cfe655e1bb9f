using System.Net;
using CallMirror.ServiceDefaults.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CallMirror.ServiceDefaults.Health;

/// <summary>The port of <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
internal static partial class HealthPort
{
    /// <summary>Listens where the settings say, and logs where that is.</summary>
    public static void AddHealthPort(this WebApplicationBuilder builder, int defaultPort)
    {
        builder.Services.AddSingleton<IValidateOptions<HealthOptions>, HealthOptionsValidator>();
        builder.Services.AddOptions<HealthOptions>().Configure(options => options.Port = defaultPort).BindConfiguration(HealthOptions.Section).ValidateOnStart();
        builder.Services.AddHostedService<Announcement>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Listen);
    }

    private static void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        if (Address(kestrel.ApplicationServices) is { } address)
            kestrel.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
    }

    // The server is made before the settings are checked, which is when all that is wrong with them is said together.
    private static IPEndPoint? Address(IServiceProvider services)
    {
        try
        {
            var options = services.GetRequiredService<IOptions<HealthOptions>>().Value;
            return new IPEndPoint(IPAddress.Parse(options.Host), options.Port);
        }
        catch (Exception e) when (OptionsErrors.TryExplain(e, out _))
        {
            return null;
        }
    }

    private sealed partial class Announcement(IServer server, IHostApplicationLifetime lifetime, ILogger<Announcement> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStarted.Register(() => LogListening(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()));
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(LogLevel.Information, "Started; health is at {Address}/health")]
        private partial void LogListening(string address);
    }
}
