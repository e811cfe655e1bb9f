using CallMirror.TestKit.Tracing;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>One real call with a hold through five processes that send their telemetry to a real OTLP receiver; tests look at what came.</summary>
public sealed class TracedRun : IAsyncLifetime
{
    /// <summary>One media message in so many is traced.</summary>
    public const int Sampling = 20;

    private readonly BrokerOfTests _broker = new();
    private readonly TemporaryFolder _folder = new();
    private OtlpReceiver? _receiver;

    /// <summary>All spans of all processes.</summary>
    public IReadOnlyList<ReceivedSpan> Spans => _receiver!.Spans;

    /// <summary>All that they sent, of all signals.</summary>
    public IReadOnlyList<byte[]> Bodies => _receiver!.Bodies;

    /// <summary>The calls as the sink stored them.</summary>
    internal Dictionary<string, Sidecar> Calls { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await _broker.InitializeAsync();
        _receiver = await OtlpReceiver.StartAsync(TestContext.Current.CancellationToken);
        using var fleet = new ServiceFleet(_broker.Uri, [.. _receiver.Environment, new("CallMirror__Telemetry__BatchSampling", $"{Sampling}")]);
        var (sink, url) = await fleet.StartSinkAsync(_folder["audio"]);
        fleet.StartGateway(url);
        fleet.StartTranscoder();
        fleet.StartSipTracker(_folder["calls.db"]);
        var source = fleet.StartCapture(TestData.Capture("hold-resume"), "max");
        Assert.True(await source.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken) == 0, string.Join('\n', source.Lines));
        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() >= 4, "all streams have ended");
        await fleet.StopAllAsync();
        Calls = Sidecar.ReadAll(_folder["audio"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
            await _receiver.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }
}
