using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CallMirror.ServiceDefaults.Startup;

/// <summary>Runs a host to its end.</summary>
public static class ServiceRun
{
    /// <summary>
    /// Runs it and returns the exit code: 0 when it was stopped. Where its options are wrong, each mistake is one sentence on standard error and the
    /// exit code 1.
    /// </summary>
    public static Task<int> RunServiceAsync(this IHost host, CancellationToken cancellationToken = default) =>
        RunServiceAsync(host, begin: null, Console.Error, cancellationToken);

    internal static async Task<int> RunServiceAsync(IHost host, Action? begin, TextWriter errors, CancellationToken cancellationToken)
    {
        // Before the host does it, who would log each mistake with its stack trace.
        if (!TryValidate(host, out var sentences))
        {
            foreach (string sentence in sentences)
                await errors.WriteLineAsync(sentence);
            await DisposeAsync(host);
            return 1;
        }

        begin?.Invoke();
        string? failure = await TryRunAsync(host, cancellationToken);
        if (failure is null)
            return 0;
        await errors.WriteLineAsync($"{failure}.");
        return 1;
    }

    // Null, or one sentence that says why it could not start, go on, or stop in time.
    private static async Task<string?> TryRunAsync(IHost host, CancellationToken cancellationToken)
    {
        var outcome = host.Services.GetService<ServiceOutcome>();
        List<BackgroundService> working = [];
        try
        {
            working.AddRange(host.Services.GetServices<IHostedService>().OfType<BackgroundService>());
            await host.RunAsync(cancellationToken);
            return outcome?.Failure ?? Failure(working);
        }
        catch (Exception e) when (e is ServiceException or IOException or UnauthorizedAccessException)
        {
            return outcome?.Failure ?? e.Message.TrimEnd('.');
        }
        catch (OperationCanceledException)
        {
            return outcome?.Failure ?? Failure(working) ?? "Stopped, but not all that was under way could be finished in time";
        }
    }

    // What works in the background ends its host, not the host's run, where it fails.
    private static string? Failure(IEnumerable<BackgroundService> working) =>
        working.Select(service => service.ExecuteTask?.Exception?.InnerException?.Message.TrimEnd('.')).FirstOrDefault(failure => failure is not null);

    private static bool TryValidate(IHost host, [NotNullWhen(false)] out IReadOnlyList<string>? sentences)
    {
        sentences = null;
        try
        {
            host.Services.GetService<IStartupValidator>()?.Validate();
            return true;
        }
        catch (Exception e) when (OptionsErrors.TryExplain(e, out sentences))
        {
            return false;
        }
    }

    private static ValueTask DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
            return disposable.DisposeAsync();
        host.Dispose();
        return ValueTask.CompletedTask;
    }
}
