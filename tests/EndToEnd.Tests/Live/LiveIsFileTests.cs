using System.Collections.Concurrent;
using CallMirror.AllInOne.Commands;
using CallMirror.EndToEnd.Tests.Distributed;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>
/// What comes out of an interface is what comes out of a file of the same packets, byte for byte: every capture and case, each on a network of its own, with a cold
/// process, several at a time. <c>CALLMIRROR_LONG=1</c> takes those of over a minute too, and every one with late answers.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class LiveIsFileTests
{
    private const int AtOnce = 8;

    // Of other link layers than Ethernet nothing can be sent.
    private static readonly string[] NotEthernet = ["linktype-any"];
    private static readonly string[] Long = ["long-early-media", "session-not-refreshed"];
    private static readonly string[] OfLateAnswers =
        ["shared-media-address", "port-reuse", "fork", "nat-client-wire", "cases/zombie-phone-on-reused-port", "cases/two-hops-relay-new-ssrc", "cases/callid-reuse-at-once"];

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(8);

    private static bool IsLongProfile => Environment.GetEnvironmentVariable("CALLMIRROR_LONG") == "1";

    [Fact]
    public Task Every_capture_on_an_interface_gives_the_bytes_of_its_file() => AssertSameAsync(All(), TimeSpan.Zero);

    [Theory]
    [InlineData(0.3)]
    [InlineData(3)]
    public Task Late_answers_of_sip_tracker_change_no_byte(double seconds)
    {
        Assert.SkipUnless(AnswerDelay.IsPossible, "sip-tracker can't be told to answer late");
        return AssertSameAsync(IsLongProfile ? All() : OfLateAnswers, TimeSpan.FromSeconds(seconds));
    }

    private static IEnumerable<string> All() => TestData.CaptureNames.Except(NotEthernet)
        .Concat(CaseTests.Names.Where(name => IsLongProfile || !Long.Contains(name)).Select(name => $"cases/{name}"));

    // The longest first, so that none of them is alone at the end.
    private static async Task AssertSameAsync(IEnumerable<string> names, TimeSpan delay)
    {
        var faults = new ConcurrentBag<string>();
        var paths = names.Select(name => (Name: name, Path: name.StartsWith("cases/", StringComparison.Ordinal) ? TestData.Path($"{name}/mirror.pcap") : TestData.Capture(name)));
        var tried = paths.OrderByDescending(each => PcapTimes.Length(each.Path)).ToList();
        await Parallel.ForEachAsync(tried, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (capture, _) =>
        {
            foreach (string difference in await PlayAsync(capture.Path, delay))
                faults.Add($"{capture.Name}: {difference}");
        });
        Assert.True(faults.IsEmpty, $"{faults.Select(fault => fault.Split(':')[0]).Distinct().Count()} of {tried.Count} differ:\n{string.Join("\n", faults.Order())}");
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(string capture, TimeSpan delay)
    {
        using var folder = new TemporaryFolder();
        await using var network = await NetworkNamespace.WithCableAsync();
        await using var recording = await Recording.StartAsync(network, folder["recorded.pcap"]);
        using var run = await LiveRun.StartAsync(network, folder["live"], listeners: 2, delay);

        int sent = await Replay.PlayAsync(network, capture);
        await Eventually.HoldsAsync(() => recording.Frames >= sent, "all frames are recorded");
        await recording.StopAsync();
        var file = await Runs.ToSinkAsync(new Input([folder["recorded.pcap"]], Device: null, Filter: null, Speed: null), folder["file"]);
        // What has ended in the file ends live too, if all is well; what has not is stopped.
        await Stored.WaitForAsync(folder["live"], Stored.Ended(folder["file"]), Quiet + delay);
        var live = await run.StopAsync();

        return [.. (file.ExitCode, live.ExitCode) == (0, 0) ? [] : new[] { $"exit codes {file.ExitCode} and {live.ExitCode}: {live.Errors}" }, .. StoredFolders.Differences(folder["file"], folder["live"])];
    }
}
