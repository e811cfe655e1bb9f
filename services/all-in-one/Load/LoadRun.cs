using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Reporting;

namespace CallMirror.AllInOne.Load;

/// <summary>One execution of <c>load</c>: listener, pipeline, calls, and what is seen each second.</summary>
internal sealed class LoadRun(LoadOptions options, CommandOutput output, TimeProvider time)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // A pipeline that is behind is waited for as long as anything still comes.
    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(15);

    private readonly LoadTally _tally = new(options.Plan);
    private readonly List<LoadSample> _samples = [];
    private readonly List<TroubledListener> _beside = [];
    private long _begun;

    /// <summary>What the listener has heard so far.</summary>
    public LoadTally Tally => _tally;

    /// <summary>Runs it to the end of the last call, or until <paramref name="stopping"/>, and says what was seen.</summary>
    /// <exception cref="CommandException">The pipeline does not start.</exception>
    public async Task<LoadResult> ExecuteAsync(CancellationToken stopping)
    {
        await using var listener = new LoadListener(_tally, time);
        foreach (var trouble in options.Beside)
            _beside.Add(new TroubledListener(trouble, time));
        try
        {
            return await ExecuteAsync(listener, stopping);
        }
        finally
        {
            foreach (var beside in _beside)
                await beside.DisposeAsync();
        }
    }

    private async Task<LoadResult> ExecuteAsync(LoadListener listener, CancellationToken stopping)
    {
        await using ILoadedPipeline pipeline = options.Broker is null
            ? await EmbeddedLoad.StartAsync(options.Plan, listener.Url, _beside, stopping)
            : await DistributedLoad.StartAsync(options, listener.Url, output.Notes.WriteLine, stopping);
        pipeline.Begin();
        var watch = new ProcessWatch(pipeline.Processes, time);
        string? interruption = await Progress.ShowAsync(output, Line, () => WatchAsync(pipeline, watch, stopping));
        foreach (var stream in _tally.Streams.Where(stream => !stream.HasEnded))
            Close(stream, wasStopped: stopping.IsCancellationRequested);
        return Result(await pipeline.StopAsync(), watch, interruption);
    }

    // Returns what came before the last call's end.
    private async Task<string?> WatchAsync(ILoadedPipeline pipeline, ProcessWatch watch, CancellationToken stopping)
    {
        _begun = time.GetTimestamp();
        using var ticks = new PeriodicTimer(Second, time);
        long heard = _begun;
        try
        {
            while (!_tally.AllEnded.IsCompleted && !pipeline.Broken.IsCompleted)
            {
                await ticks.WaitForNextTickAsync(stopping);
                var elapsed = time.GetElapsedTime(_begun);
                if (await SampleAsync(pipeline, watch, elapsed, stopping) || elapsed < options.Plan.Length)
                    heard = time.GetTimestamp();
                if (time.GetElapsedTime(heard) > QuietLimit)
                    return $"nothing more came for {QuietLimit.TotalSeconds:0} s";
            }

            return pipeline.Broken.IsCompleted ? await pipeline.Broken : null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return "stopped before all calls had ended";
        }
    }

    // Whether anything came in this second.
    private async Task<bool> SampleAsync(ILoadedPipeline pipeline, ProcessWatch watch, TimeSpan elapsed, CancellationToken stopping)
    {
        var open = _tally.Streams.Where(stream => stream.IsOpen).ToList();
        var depths = await pipeline.DepthsAsync([.. open.Select(stream => stream.Key).Distinct()], stopping);
        var memory = watch.Look(allUp: elapsed > options.Plan.Ramp + Second && elapsed.TotalSeconds < options.Plan.Seconds);
        _samples.Add(new LoadSample(elapsed.TotalSeconds, open.Count, _tally.Recent.Percentile(0.5), _tally.Recent.Percentile(0.99), depths, memory));
        bool any = _tally.Recent.Count > 0;
        _tally.Recent.Clear();
        return any;
    }

    // Of a load that was stopped, what is still to be said is not lost.
    private static void Close(MeasuredStream stream, bool wasStopped)
    {
        if (wasStopped)
            stream.Leave();
        else
            stream.Miss();
    }

    private string Line() => $"{time.GetElapsedTime(_begun).TotalSeconds:0} of {options.Plan.Length.TotalSeconds:0} s, {(_tally.Begun - _tally.Ended) / 2} calls up"
        + (_samples is [.., { P50: { } p50, P99: { } p99 } last] ? $", latency p50 {p50} ms, p99 {p99} ms, {last.Depths.Total} messages wait" : "");

    private LoadResult Result(LoadIntake intake, ProcessWatch watch, string? interruption) => new()
    {
        Plan = options.Plan,
        Shape = options.Shape,
        Intake = intake,
        SamplesOut = _tally.Streams.Sum(stream => stream.Samples),
        Lost = _tally.Streams.Sum(stream => stream.Lost),
        Different = _tally.Streams.Sum(stream => stream.Different),
        Late = _tally.Latency.CountFrom(LoadTally.LateFrom),
        StreamsEnded = _tally.Ended,
        Strangers = _tally.Strangers,
        Latency = LoadLatency.Of(_tally.Latency),
        First = LoadLatency.Of(_tally.First),
        Processes = watch.Used(),
        Samples = _samples,
        Beside = [.. _beside.Select(listener => new LoadBeside(listener.Trouble, listener.Connections, listener.Connections / time.GetElapsedTime(_begun).TotalMinutes))],
        Interruption = interruption,
    };
}
