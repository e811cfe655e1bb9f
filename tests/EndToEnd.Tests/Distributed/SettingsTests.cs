using System.Text.RegularExpressions;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>What a service says where its settings, or its broker, do not let it work.</summary>
[Collection(OneAtATime.Name)]
public sealed partial class SettingsTests
{
    private const string Nowhere = "amqp://user:secret@127.0.0.1:1/";

    [Theory]
    [InlineData("CallMirror.Capture", "Capture__Interface=lo;Capture__File=x.pcap", "say where packets come from: either CallMirror:Capture:Interface or CallMirror:Capture:File")]
    [InlineData("CallMirror.Capture", "Capture__File=x.pcap;Capture__Speed=fast", "CallMirror:Capture:Speed must be a number such as 1 or 2.5, or max, not 'fast'")]
    [InlineData("CallMirror.Capture", "Capture__File=/no/such.pcap", "/no/such.pcap does not exist")]
    [InlineData("CallMirror.Capture", "Capture__File=x.pcap;Capture__MaxCalls=many", "'CallMirror:Capture:MaxCalls'")]
    [InlineData("CallMirror.Capture", "Capture__File=x.pcap;Capture__MemoryLimit=134217728", "heap may take are too little for capture, which needs 128 MiB")]
    [InlineData("CallMirror.Capture", "Capture__Interface=lo;Capture__QuietFor=30", "CallMirror:Capture:QuietFor must be 00:00:00 to 23:59:59, as hh:mm:ss")]
    [InlineData("CallMirror.SipTracker", "SipTracker__StatePath=/proc/calls.db", "The call state in /proc/calls.db can't be opened")]
    [InlineData("CallMirror.SipTracker", "SipTracker__LaneGroups= ", "CallMirror:SipTracker:LaneGroups must name at least one group")]
    [InlineData("CallMirror.Transcoder", "Transcoder__OutputRate=7", "OutputRate must be 8000 or 16000")]
    [InlineData("CallMirror.Transcoder", "Broker__Uri=http://x/", "CallMirror:Broker:Uri must look like amqp://user:password@host:5672/vhost")]
    [InlineData("CallMirror.WsGateway", "Gateway__Url=http://x/", "'http://x/' is no WebSocket URL")]
    [InlineData("CallMirror.WsGateway", "", "a gateway needs the URL of its listener")]
    [InlineData("CallMirror.WsGateway", "Gateway__Url=ws://x/;Health__Port=70000", "CallMirror:Health:Port must be 0 to 65535, not 70000")]
    [InlineData("CallMirror.WsSink", "Sink__Host=here", "Host must be an IP address")]
    public async Task A_wrong_setting_is_one_sentence_and_exit_code_1(string assembly, string settings, string expected)
    {
        using var fleet = new ServiceFleet(Nowhere);
        var service = fleet.Start(assembly, [.. settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Pair)]);

        Assert.Equal(1, await service.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var errors = service.Lines.Where(line => !LogLine().IsMatch(line)).ToList();
        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_said_once_and_waited_for()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        using var folder = new TemporaryFolder();
        using var fleet = new ServiceFleet(broker.Uri);
        var tracker = fleet.StartSipTracker(folder["calls.db"]);
        await ServiceFleet.SaysAsync(tracker, Unreachable());

        await broker.RestartAsync(TestContext.Current.CancellationToken);

        await ServiceFleet.SaysAsync(tracker, Connected());
        Assert.Single(tracker.Lines, line => Unreachable().IsMatch(line));
        await fleet.StopAllAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_said_once_without_the_password()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var fleet = new ServiceFleet(broker.Uri.Replace(RabbitMqBroker.Password, "not-the-one", StringComparison.Ordinal));
        var tracker = fleet.StartSipTracker(folder["calls.db"]);
        await ServiceFleet.SaysAsync(tracker, Refused());
        var address = await ServiceFleet.HealthAsync(tracker);
        using var client = new HttpClient();
        using var health = await client.GetAsync(new Uri(address, "health"), TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, health.StatusCode);
        await fleet.StopAllAsync();
        Assert.Single(tracker.Lines, line => Refused().IsMatch(line));
        Assert.DoesNotContain(tracker.Lines, line => line.Contains("not-the-one", StringComparison.Ordinal));
    }

    private static (string, string) Pair(string setting)
    {
        var parts = setting.Split('=', 2);
        return (parts[0], parts[1]);
    }

    [GeneratedRegex("^....-..-..T..:..:")]
    private static partial Regex LogLine();

    [GeneratedRegex("can't be reached")]
    private static partial Regex Unreachable();

    [GeneratedRegex("refuses the user")]
    private static partial Regex Refused();

    [GeneratedRegex("ControlPlaneHost.* Connected to RabbitMQ")]
    private static partial Regex Connected();
}
