using CallMirror.AllInOne.Embedded;
using CallMirror.Capture.Synthetic;
using CallMirror.Contracts.Naming;
using CallMirror.WsGateway;

namespace CallMirror.AllInOne.Load;

/// <summary>All in this process: what is measured of it is the listener and the making of the calls as well.</summary>
internal sealed class EmbeddedLoad : ILoadedPipeline
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly EmbeddedPipeline _pipeline;
    private readonly LoadSource _source;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource<string?> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;

    private EmbeddedLoad(EmbeddedPipeline pipeline, LoadPlan plan)
    {
        _pipeline = pipeline;
        _source = new LoadSource(plan, TimeProvider.System);
    }

    public IReadOnlyList<ProcessMeter> Processes { get; } = [new("callmirror", Environment.ProcessId)];

    public Task<string?> Broken => _broken.Task;

    public static async Task<EmbeddedLoad> StartAsync(LoadPlan plan, Uri listener, IEnumerable<TroubledListener> beside, CancellationToken cancellationToken)
    {
        var options = new EmbeddedOptions
        {
            Listeners =
            [
                new Listener(WsGatewayOptions.DefaultGroup, listener, [], BearerToken: null),
                .. beside.Select(troubled => new Listener($"{troubled.Trouble}", troubled.Url, [], BearerToken: null)),
            ],
            IsLive = true,
            LogLevel = LogLevel.Error,
        };
        await Rehearsal.PlayAsync(cancellationToken);
        return new EmbeddedLoad(await EmbeddedPipeline.StartAsync(options, cancellationToken), plan);
    }

    public void Begin() => _run = Task.Run(RunAsync);

    public Task<QueueDepths> DepthsAsync(IReadOnlyList<CallKey> calls, CancellationToken cancellationToken)
    {
        var (work, lanes) = _pipeline.Waiting;
        return Task.FromResult(new QueueDepths(0, work, lanes));
    }

    public async Task<LoadIntake> StopAsync()
    {
        await _stopping.CancelAsync();
        _abort.CancelAfter(StopTimeout);
        await _run;
        var counters = _pipeline.Capture.Counters;
        string drops = counters is null ? "none" : string.Join(", ", counters.Drops().Select(drop => $"{drop.Count} {drop.Reason}").DefaultIfEmpty("none"));
        return new LoadIntake(_source.Figures.Packets, counters?.Rtp ?? 0, drops);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _pipeline.DisposeAsync();
        _source.Dispose();
        _stopping.Dispose();
        _abort.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            _broken.TrySetResult(await _pipeline.RunAsync(_source, _stopping.Token, _abort.Token));
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            _broken.TrySetResult("not all audio was delivered in time after the stop");
        }
    }
}
