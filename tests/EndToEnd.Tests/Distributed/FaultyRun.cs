using System.Globalization;
using CallMirror.AllInOne.Processes;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>What is killed and started again.</summary>
internal enum Victim
{
    Transcoder,
    Gateway,
    SipTracker,
    Sink,
    Broker,
}

/// <summary>What happens to some parts at a time of a run.</summary>
/// <param name="At">Since the load began.</param>
/// <param name="Victims">What is hit, all at once.</param>
internal sealed record Fault(TimeSpan At, params Victim[] Victims)
{
    /// <summary>It is stopped (SIGTERM), not killed (SIGKILL).</summary>
    public bool IsInOrder { get; init; }

    /// <summary>How long all of that kind are away. Zero: one of them is hit, and another begins at once.</summary>
    public TimeSpan Away { get; init; }
}

/// <summary>
/// One run of the distributed shape over a load in real time: two transcoders, two gateways, and a schedule of what is killed or stopped when. Whatever
/// is hit, or ends by itself, is started again, as a restart policy would do.
/// </summary>
internal sealed class FaultyRun : IAsyncDisposable
{
    // For a part that hangs: it is killed then.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string _logs;
    private readonly int _sinkPort;
    private readonly ServiceFleet _fleet;
    private readonly RabbitMqBroker _broker;
    private readonly Dictionary<Victim, List<ServiceChild>> _running = [];
    private readonly List<ServiceChild> _sinks = [];

    private FaultyRun(string folder, RabbitMqBroker broker)
    {
        (_folder, _broker) = (folder, broker);
        // They outlive the test: what a run that failed has said is all there is to go by.
        _logs = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "logs", Path.GetFileName(folder))).FullName;
        using (var port = new ReservedPort())
            _sinkPort = port.Number;
        _fleet = new ServiceFleet(broker.Uri);
    }

    /// <summary>The tags of the streams that the sink has ended, one each time it did.</summary>
    public IReadOnlyList<string> EndedTags
    {
        get
        {
            var ended = _sinks.SelectMany(ServiceFleet.EndedTags).ToList();
            // A sink that has made the files may be killed before it says so; then the next one says that there was an end.
            return [.. ended, .. _sinks.SelectMany(ServiceFleet.EndedBeforeTags).Except(ended)];
        }
    }

    private string Audio => Path.Combine(_folder, "audio");

    /// <summary>Starts everything but the capture, and waits until it is up.</summary>
    public static async Task<FaultyRun> StartAsync(string folder)
    {
        var run = new FaultyRun(folder, await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken));
        Directory.CreateDirectory(run.Audio);
        foreach (var (victim, count) in new[] { (Victim.Sink, 1), (Victim.SipTracker, 1), (Victim.Transcoder, 2), (Victim.Gateway, 2) })
            for (int i = 0; i < count; i++)
                run.Start(victim);
        foreach (var child in run._running.Values.SelectMany(children => children))
            await ServiceFleet.HealthAsync(child);
        return run;
    }

    /// <summary>Plays the load, kills by the schedule, and waits until all streams have ended.</summary>
    public async Task PlayAsync(string load, int streams, IEnumerable<Fault> schedule, TimeSpan limit)
    {
        var capture = _fleet.Start("CallMirror.Capture", ("Capture__File", load), ("Capture__Replay", "true"));
        await ServiceFleet.HealthAsync(capture);
        long started = TimeProvider.System.GetTimestamp();
        foreach (var fault in schedule)
        {
            await WaitAsync(fault.At - TimeProvider.System.GetElapsedTime(started));
            var starts = await Task.WhenAll(fault.Victims.Select(victim => EndAsync(victim, fault)));
            await WaitAsync(fault.Away);
            await Task.WhenAll(starts.Select(start => start()));
        }

        await UntilAllHaveEndedAsync(streams, limit);
        Assert.Equal(0, await capture.StopAsync(TimeSpan.FromSeconds(10)));
    }

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        await _broker.DisposeAsync();
        foreach (var (number, child) in _fleet.Children)
            await File.WriteAllLinesAsync(Path.Combine(_logs, $"{number:00}-{child.Name}.log"), child.Lines, CancellationToken.None);
    }

    private void Start(Victim victim)
    {
        var child = victim switch
        {
            Victim.Transcoder => _fleet.StartTranscoder(),
            Victim.Gateway => _fleet.Start("CallMirror.WsGateway", ("Gateway__Url", string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{_sinkPort}/"))),
            Victim.SipTracker => _fleet.StartSipTracker(Path.Combine(_folder, "calls.db")),
            _ => _fleet.Start("CallMirror.WsSink", ("Sink__Directory", Audio), ("Sink__Port", $"{_sinkPort}"), ("Sink__PagePort", "0"), ("Sink__WavFiles", "false")),
        };
        if (!_running.TryGetValue(victim, out var children))
            _running[victim] = children = [];
        children.Add(child);
        if (victim == Victim.Sink)
            _sinks.Add(child);
    }

    private static Task WaitAsync(TimeSpan time) =>
        time > TimeSpan.Zero ? Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken) : Task.CompletedTask;

    // Returns how it is started again. Of several, the one that has run longest: of two gateways, each is hit in turn.
    private async Task<Func<Task>> EndAsync(Victim victim, Fault fault)
    {
        if (victim == Victim.Broker)
        {
            await (fault.IsInOrder ? _broker.StopAsync(TestContext.Current.CancellationToken) : _broker.KillAsync());
            return () => _broker.RestartAsync(TestContext.Current.CancellationToken);
        }

        var children = _running[victim];
        List<ServiceChild> hit = [.. fault.Away > TimeSpan.Zero ? children : children.Take(1)];
        children.RemoveRange(0, hit.Count);
        await Task.WhenAll(hit.Select(child => fault.IsInOrder ? child.StopAsync(StopLimit) : child.KillAsync()));
        return () =>
        {
            hit.ForEach(_ => Start(victim));
            return Task.CompletedTask;
        };
    }

    private void StartAgainWhatHasEnded()
    {
        foreach (var (victim, children) in _running)
        {
            int ended = children.RemoveAll(child => child.Ended.IsCompleted);
            for (int i = 0; i < ended; i++)
                Start(victim);
        }
    }

    private async Task UntilAllHaveEndedAsync(int streams, TimeSpan limit)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        long started = TimeProvider.System.GetTimestamp();
        while (EndedTags.Distinct().Count() < streams && TimeProvider.System.GetElapsedTime(started) < limit)
        {
            StartAgainWhatHasEnded();
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
