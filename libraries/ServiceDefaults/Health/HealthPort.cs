using System.Net;
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

/// <summary>The port of <c>/health</c> and <c>/alive</c>.</summary>
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
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<HealthOptions>>().Value;
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Parse(options.Host), options.Port, listen => listen.Protocols = HttpProtocols.Http1);
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
