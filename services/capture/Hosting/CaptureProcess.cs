using CallMirror.Capture.Sources;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using CallMirror.ServiceDefaults.Startup;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Hosting;

/// <summary>
/// Runs the capture loop in a process of its own: from the time that the broker is there until the file ends or the process is stopped. Before it goes,
/// everything captured has been confirmed by the broker.
/// </summary>
internal sealed class CaptureProcess(
    CaptureLoop loop, IOptions<CaptureInput> input, IOptions<CaptureOptions> options, IMediaBus media, ControlPlaneState control, ServiceOutcome outcome, TimeProvider time)
    : IHostedLifecycleService, IDisposable
{
    // Of the time that the process has to stop.
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new(Timeout.InfiniteTimeSpan, time);
    private IPacketSource? _source;
    private Task _run = Task.CompletedTask;

    /// <summary>Opens the source first: what is wrong with it shows before anything else is begun.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _source = input.Value.Open(options.Value, time);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _run = Task.Run(() => RunAsync(_source!), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Before any other part of the host stops: what is flushed needs them all.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _abort.CancelAfter(FlushTimeout);
        await _run.WaitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _source?.Dispose();
        _stopping.Dispose();
        _abort.Dispose();
    }

    private async Task RunAsync(IPacketSource source)
    {
        try
        {
            await control.WhenUpAsync(_stopping.Token);
            var damage = await CaptureAsync(source);
            await media.FlushAsync(_abort.Token);
            if (damage is null)
                outcome.Done();
            else
                outcome.Fail($"Capture ended: {damage.Message}");
        }
        catch (CaptureException e)
        {
            outcome.Fail($"Capture ended: {e.Message}");
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            outcome.Fail($"Capture was stopped, but what it had captured was not confirmed by the broker within {FlushTimeout.TotalSeconds:0} s");
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped before the broker was there: there is nothing to flush.
        }
#pragma warning disable CA1031 // A defect ends the process, with a sentence and not with silence.
        catch (Exception e)
#pragma warning restore CA1031
        {
            outcome.Fail($"Capture broke by a defect: {e}");
        }
    }

    // What a damaged file has given is delivered as that of a whole one.
    private async Task<CaptureException?> CaptureAsync(IPacketSource source)
    {
        try
        {
            await loop.RunAsync(source, _stopping.Token, _abort.Token);
            return null;
        }
        catch (CaptureException e) when (e.IsDamage)
        {
            return e;
        }
    }
}
