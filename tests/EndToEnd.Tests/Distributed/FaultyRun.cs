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

/// <summary>
/// One run of the distributed shape over a load in real time: two transcoders, two gateways, and a schedule of what is killed (SIGKILL) when. Whatever
/// is killed, or ends by itself, is started again at once, as a restart policy would do.
/// </summary>
internal sealed class FaultyRun : IAsyncDisposable
{
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
    public async Task PlayAsync(string load, int streams, IEnumerable<(TimeSpan At, Victim Victim)> schedule, TimeSpan limit)
    {
        var capture = _fleet.Start("CallMirror.Capture", ("Capture__File", load), ("Capture__Replay", "true"));
        await ServiceFleet.HealthAsync(capture);
        long started = TimeProvider.System.GetTimestamp();
        foreach (var (at, victim) in schedule)
        {
            if (at - TimeProvider.System.GetElapsedTime(started) is { Ticks: > 0 } wait)
                await Task.Delay(wait, TimeProvider.System, TestContext.Current.CancellationToken);
            await KillAsync(victim);
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

    // The one that has run longest: of two gateways, each is killed in turn.
    private async Task KillAsync(Victim victim)
    {
        if (victim == Victim.Broker)
        {
            await _broker.RestartAsync(TestContext.Current.CancellationToken);
            return;
        }

        var child = _running[victim][0];
        _running[victim].RemoveAt(0);
        await child.KillAsync();
        Start(victim);
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
