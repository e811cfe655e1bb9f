using System.Globalization;
using CallMirror.AllInOne.Processes;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Every capture gives the same files over RabbitMQ as in one process, however many transcoders there are.</summary>
[Collection(OneAtATime.Name)]
public sealed class SameBytesTests(SameBytesFleet fleet) : IClassFixture<SameBytesFleet>
{
    public static TheoryData<string, int> Captures
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (int transcoders in new[] { 1, 3 })
                foreach (string capture in TestData.CaptureNames)
                    data.Add(capture, transcoders);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task A_capture_gives_the_same_files_as_in_one_process(string capture, int transcoders)
    {
        using var distributed = new TemporaryFolder();
        string embedded = await fleet.EmbeddedAsync(capture);
        int streams = Directory.GetFiles(embedded, "*.pcm").Length;

        await fleet.RunAsync(capture, transcoders, streams, distributed.Path);

        if (streams > 0)
            SameFiles.Assert(embedded, distributed.Path);
        else
            Assert.Empty(Directory.GetFiles(distributed.Path, "*.pcm"));
    }
}

/// <summary>A broker, a gateway and transcoders for all captures; each has a sip-tracker, a capture process and a sink of its own, as captures share call-ids.</summary>
public sealed class SameBytesFleet : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _embedded = new();
    private readonly List<ServiceChild> _transcoders = [];
    private readonly int _sinkPort;
    private RabbitMqBroker? _broker;
    private ServiceFleet? _fleet;

    public SameBytesFleet()
    {
        using var port = new ReservedPort();
        _sinkPort = port.Number;
    }

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        _fleet = new ServiceFleet(_broker.Uri);
        _fleet.StartGateway(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{_sinkPort}/"));
    }

    public async ValueTask DisposeAsync()
    {
        _fleet?.Dispose();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _embedded.Dispose();
    }

    /// <summary>The folder with what a capture gives in one process; run once, however often it is compared.</summary>
    internal async Task<string> EmbeddedAsync(string capture)
    {
        string folder = _embedded[capture];
        if (!Directory.Exists(folder))
            Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture(capture), Directory.CreateDirectory(folder).FullName)).ExitCode);
        return folder;
    }

    /// <summary>Runs a capture through, until the sink has ended so many streams.</summary>
    internal async Task RunAsync(string capture, int transcoders, int streams, string folder)
    {
        using var state = new TemporaryFolder();
        while (_transcoders.Count < transcoders)
            _transcoders.Add(_fleet!.StartTranscoder());
        // One that fails must not keep the port from the next.
        using var sink = _fleet!.Start("CallMirror.WsSink", ("Sink__Directory", folder), ("Sink__Port", $"{_sinkPort}"), ("Sink__PagePort", "0"), ("Sink__WavFiles", "false"));
        var tracker = _fleet.StartSipTracker(state["calls.db"]);
        await ServiceFleet.HealthAsync(sink);
        var source = _fleet.StartCapture(TestData.Capture(capture), "max");

        Assert.True(await source.Ended.WaitAsync(Limit, TestContext.Current.CancellationToken) == 0, string.Join('\n', source.Lines));
        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() >= streams, $"{streams} streams have ended");
        int[] codes = await Task.WhenAll(tracker.StopAsync(TimeSpan.FromSeconds(10)), sink.StopAsync(TimeSpan.FromSeconds(10)));
        Assert.All(codes, code => Assert.Equal(0, code));
        Assert.Equal(streams, ServiceFleet.EndedTags(sink).Count());
    }
}
