using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Load;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture.Synthetic;
using CallMirror.EndToEnd.Tests.Load;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary><c>load</c> with the services as processes over a real RabbitMQ.</summary>
[Collection(OneAtATime.Name)]
public sealed class LoadOverBrokerTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    [Fact]
    public async Task Made_up_calls_arrive_sample_by_sample_and_each_process_is_measured()
    {
        using var result = new StringWriter();

        int code = await LoadCommand.RunAsync(Options(), json: true, chart: null, new CommandOutput(result, TextWriter.Null), TestContext.Current.CancellationToken);

        Assert.Equal(0, code);
        LoadTests.AssertWhole(result.ToString(), "persistent", ["capture", "gateway", "transcoder", "sip-tracker", "load", "broker"]);
    }

    [Fact]
    public async Task A_broker_that_others_use_is_left_alone()
    {
        using var fleet = new ServiceFleet(broker.Uri);
        fleet.StartTranscoder();
        await using var depths = await BrokerDepths.ConnectAsync(new Uri(broker.Uri), "default", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => depths.IsInUseAsync(TestContext.Current.CancellationToken), "the transcoder consumes");

        var refused = await Assert.ThrowsAsync<CommandException>(() =>
            LoadCommand.RunAsync(Options(), json: true, chart: null, new CommandOutput(TextWriter.Null, TextWriter.Null), TestContext.Current.CancellationToken));

        Assert.Contains("other services use this broker", refused.Message, StringComparison.Ordinal);
        await fleet.StopAllAsync();
    }

    private LoadOptions Options() => new()
    {
        Plan = new LoadPlan { Calls = 5, Seconds = 3, Ramp = TimeSpan.FromMilliseconds(500) },
        Broker = new Uri(broker.Uri),
    };
}
