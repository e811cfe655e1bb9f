using System.Diagnostics;
using System.Text.RegularExpressions;
using CallMirror.AllInOne.Processes;
using CallMirror.EndToEnd.Tests.FoundCalls;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>A call that was found gets its name over the broker: the push hears of it, and who has joined, before that and after.</summary>
[Collection(OneAtATime.Name)]
public sealed partial class FoundCallTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_name_reaches_the_push_and_who_has_joined_before_and_after_it_came()
    {
        string pipe = _folder["tap"];
        using (var make = Process.Start("mkfifo", [pipe]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var fleet = new ServiceFleet(broker.Uri);
        var (sink, url) = await fleet.StartSinkAsync(_folder["audio"]);
        var owner = StartGateway(fleet, url);
        foreach (var child in new[] { owner, fleet.StartTranscoder(), fleet.StartSipTracker(_folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        fleet.StartCapture(pipe, "max");
        var calls = await CallsAsync(owner);

        // Each piece of the capture comes when what must be before it has happened. To open it for writing alone would wait for the reader.
        await using var tap = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var midCall = Renegotiated.MidCall(Renegotiated.PbxFirst);
        byte[][] pieces = [.. midCall.FileUntil(Renegotiated.Found, Renegotiated.Unnamed, Renegotiated.Named)];
        await tap.WriteAsync(pieces[0], TestContext.Current.CancellationToken);
        // That it has begun is told before how.
        await Eventually.HoldsAsync(
            async () => (await JoinedCall.ListAsync(calls)) is [var one] && one.GetProperty("state").GetString() == "found", "the call is found");
        string id = (await JoinedCall.ListAsync(calls))[0].GetProperty("call_id").GetString()!;
        await using var before = await JoinAsync(owner, calls, id);
        await tap.WriteAsync(pieces[1], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => before.Types.Contains("start"), "who has joined the call hears it");
        Assert.Equal(["start"], before.Types);

        await tap.WriteAsync(pieces[2], TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => before.Types.Contains("renamed"), "who has joined is told the call's name");
        var standby = StartGateway(fleet, url);
        var others = await CallsAsync(standby);
        await Eventually.HoldsAsync(async () => (await JoinedCall.ListAsync(others)).Count == 1, "a gateway that starts then has heard of the call");
        await using var after = await JoinAsync(owner, calls, Renegotiated.CallId);
        await using var elsewhere = await JoinAsync(standby, others, Renegotiated.CallId);
        await tap.WriteAsync(pieces[3], TestContext.Current.CancellationToken);
        await tap.DisposeAsync();

        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() == 2, "both streams have ended");
        var stored = Assert.Single(Sidecar.ReadAll(_folder["audio"])).Value;
        short[] whole = Wav.Read(_folder["audio/" + stored.Text("stereo_wav")]).Samples;
        long first = stored.Json.GetProperty("first_position").GetInt64();
        foreach (var joined in new[] { before, after, elsewhere })
        {
            await joined.EndAsync();
            Renegotiated.AssertNamedOnce(joined.Texts, id);
            Assert.Equal(whole[(int)(2 * (joined.Position - first))..], joined.Samples);
        }

        Assert.All(new[] { after, elsewhere }, joined => Assert.Equal("renamed", joined.Types.ElementAt(1)));
        AssertStored(stored, id);
        await fleet.StopAllAsync();
    }

    private void AssertStored(Sidecar stored, string id)
    {
        Assert.Equal((id, Renegotiated.CallId), (stored.CallId, stored.Text("sip_call_id")));
        string truth = _folder["mid-call.pcap"];
        File.WriteAllBytes(truth, Renegotiated.MidCall(Renegotiated.PbxFirst).File);
        Runs.AssertExact(GroundTruth.Read(truth), Runs.DecodedStreams(_folder["audio"]));
    }

    private static ServiceChild StartGateway(ServiceFleet fleet, string url) => fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url));

    private static async Task<Uri> CallsAsync(ServiceChild gateway) =>
        new((await ServiceFleet.SaysAsync(gateway, CallsLine())).Groups[1].Value);

    // Hears the next sample.
    private static async Task<JoinedCall> JoinAsync(ServiceChild gateway, Uri calls, string callId)
    {
        var joined = await JoinedCall.JoinAsync(calls, $"/v1/calls/{Uri.EscapeDataString(callId)}/stereo");
        await Eventually.HoldsAsync(
            async () => (await ServiceFleet.MetricsAsync(gateway))["callmirror_gateway_join_taps"].Sum() == 1, "the call's tap is open");
        return joined;
    }

    [GeneratedRegex(@"can be joined at (http://\S+)")]
    private static partial Regex CallsLine();
}
