using CallMirror.AllInOne.Processes;
using CallMirror.EndToEnd.Tests.Distributed;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>The five services as processes of their own, over a real broker, with the capture on an interface of this process's network.</summary>
internal sealed class LiveFleet : ILiveShape
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly RabbitMqBroker _broker;
    private readonly ServiceFleet _fleet;

    private LiveFleet(RabbitMqBroker broker) => (_broker, _fleet) = (broker, new ServiceFleet(broker.Uri));

    /// <summary>Starts them, and waits until the capture and whoever else there is listen on the interface.</summary>
    public static async Task<LiveFleet> StartAsync(string device, string sink, int listeners, TimeSpan answerDelay = default)
    {
        var live = new LiveFleet(await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken));
        try
        {
            await live.StartAsync(device, sink, answerDelay);
            await Eventually.HoldsAsync(() => PacketSockets.Running(Environment.ProcessId, device) >= listeners, "the capture is running");
            return live;
        }
        catch
        {
            await live.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGTERM to all, the source first.</summary>
    public async Task<CommandResult> StopAsync()
    {
        var children = _fleet.Children.Select(each => each.Child).Reverse().ToList();
        List<ServiceChild> failed = [];
        foreach (var child in children)
            if (await child.StopAsync(StopTimeout) != 0)
                failed.Add(child);
        var said = children.SelectMany(child => child.Lines.Select(line => $"{child.Name}: {line}"));
        var errors = failed.SelectMany(child => child.Lines.TakeLast(5).Select(line => $"{child.Name}: {line}"));
        return new CommandResult(failed.Count == 0 ? 0 : 1, string.Join('\n', said), string.Join('\n', errors));
    }

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        await _broker.DisposeAsync();
    }

    private async Task StartAsync(string device, string sink, TimeSpan answerDelay)
    {
        string state = Directory.CreateDirectory(sink + "-state").FullName;
        var (_, url) = await _fleet.StartSinkAsync(sink);
        ServiceChild[] others =
        [
            _fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url)),
            _fleet.StartTranscoder(),
            _fleet.Start("CallMirror.SipTracker", ("SipTracker__StatePath", Path.Combine(state, "calls.db")), AnswerDelay.OfService(answerDelay)),
        ];
        foreach (var service in others)
            await ServiceFleet.HealthAsync(service);
        await ServiceFleet.HealthAsync(_fleet.Start("CallMirror.Capture", ("Capture__Interface", device)));
    }
}
