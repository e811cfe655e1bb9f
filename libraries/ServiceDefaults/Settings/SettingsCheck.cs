using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.ServiceDefaults.Settings;

/// <summary>Says, once everything has read its settings, which of those that are set nobody has read.</summary>
internal sealed partial class SettingsCheck(WatchedEnvironment environment, IHostApplicationLifetime lifetime, ILogger<SettingsCheck> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            foreach (string sentence in UnknownSettings.Of(environment.Present, environment.Asked))
                LogUnknown(sentence);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogUnknown(string sentence);
}
