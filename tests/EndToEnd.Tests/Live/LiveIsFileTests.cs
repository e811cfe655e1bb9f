using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CallMirror.AllInOne.Commands;
using CallMirror.EndToEnd.Tests.Distributed;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>
/// What comes out of an interface is what comes out of a file of the same packets, byte for byte: every capture and case, each on a network
/// of its own, with a cold process, several at a time. <c>CALLMIRROR_LONG=1</c> takes those of over a minute too, and every one with late answers.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed partial class LiveIsFileTests
{
    private const int AtOnce = 5;
    private const int AtOnceAgain = 2;
    private const int FleetsAtOnce = 2;
    private const string Cases = "cases/";

    // Of other link layers than Ethernet nothing can be sent.
    private static readonly string[] NotEthernet = ["linktype-any"];
    private static readonly string[] Long = ["long-early-media", "session-not-refreshed"];

    private static readonly string[] OfLateAnswers =
    [
        "shared-media-address", "port-reuse", "fork", "nat-client-wire",
        "cases/zombie-phone-on-reused-port", "cases/two-hops-relay-new-ssrc", "cases/callid-reuse-at-once",
    ];

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static bool IsLongProfile => Environment.GetEnvironmentVariable("CALLMIRROR_LONG") == "1";

    [Fact]
    public Task Every_capture_on_an_interface_gives_the_bytes_of_its_file() => AssertSameAsync(All(), TimeSpan.Zero);

    [Theory]
    [InlineData(0.3)]
    [InlineData(3)]
    public Task Late_answers_of_sip_tracker_change_no_byte(double seconds) =>
        AssertSameAsync(IsLongProfile ? All() : OfLateAnswers, TimeSpan.FromSeconds(seconds));

    // Captures that are known by the same go through services of their own. Behind each other they would be one call heard twice: the SIP
    // of the second is a late copy of what has just ended, for 32 seconds, so its media is nobody's. A file drops such media as a copy
    // (SpokenBefore); live, where that is not asked, a call is found in it. Captures that are read alone know nothing of each other.
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(3)]
    public async Task Over_a_broker_it_gives_the_bytes_of_its_file_too(double seconds)
    {
        var parts = KnownBy.Part(IsLongProfile ? All() : OfLateAnswers, PathOf);
        var longestFirst = parts.OrderByDescending(part => part.Sum(name => PcapTimes.Length(PathOf(name)).Ticks));
        var outcomes = new ConcurrentBag<Outcome>();
        await Parallel.ForEachAsync(longestFirst, new ParallelOptions { MaxDegreeOfParallelism = FleetsAtOnce }, async (part, _) =>
            outcomes.Add(await PlayOverBrokerAsync(part, TimeSpan.FromSeconds(seconds))));
        var differing = outcomes.Where(each => each.Differences.Count > 0).ToList();
        Assert.True(differing.Count == 0, $"{differing.Count} of {parts.Count} differ:\n{string.Join("\n", differing)}");
    }

    private static IEnumerable<string> All() => TestData.CaptureNames.Except(NotEthernet)
        .Concat(CaseTests.Names.Where(name => IsLongProfile || !Long.Contains(name)).Select(name => Cases + name));

    // What was lost because the machine had too much to do, and was told to the listener, is tried again with less beside it.
    private static async Task AssertSameAsync(IEnumerable<string> names, TimeSpan delay)
    {
        var first = await TryAsync([.. names], delay, AtOnce);
        string[] again = [.. first.Where(each => each.ToldGaps && each.Differences.Count > 0).Select(each => each.Name)];
        var second = await TryAsync(again, delay, AtOnceAgain);
        var differing = first.Where(each => !again.Contains(each.Name)).Concat(second).Where(each => each.Differences.Count > 0).OrderBy(each => each.Name).ToList();
        Assert.True(differing.Count == 0, $"{differing.Count} of {first.Count} differ, after {again.Length} were tried again:\n{string.Join("\n", differing)}");
    }

    // The longest first, so that none of them is alone at the end.
    private static async Task<IReadOnlyCollection<Outcome>> TryAsync(string[] names, TimeSpan delay, int atOnce)
    {
        var outcomes = new ConcurrentBag<Outcome>();
        var longestFirst = names.OrderByDescending(name => PcapTimes.Length(PathOf(name)));
        await Parallel.ForEachAsync(longestFirst, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (name, _) => outcomes.Add(await PlayAsync(name, delay)));
        return outcomes;
    }

    private static string PathOf(string name) =>
        name.StartsWith(Cases, StringComparison.Ordinal) ? TestData.Path($"{name}/mirror.pcap") : TestData.Capture(name);

    private static async Task<Outcome> PlayAsync(string name, TimeSpan delay)
    {
        using var folder = new TemporaryFolder();
        await using var network = await NetworkNamespace.WithCableAsync();
        await using var recording = await Recording.StartAsync(network, folder["recorded.pcap"]);
        await using var run = await LiveRun.StartAsync(network, folder["live"], listeners: 2, delay);

        int sent = await Replay.PlayAsync(network, PathOf(name));
        return await CompareAsync(name, sent, recording, run, folder, delay);
    }

    // One after the other through the same five services: what of one capture is left when the next begins is part of it.
    private static async Task<Outcome> PlayOverBrokerAsync(IReadOnlyList<string> names, TimeSpan delay)
    {
        using var folder = new TemporaryFolder();
        await using var network = await NetworkNamespace.CreateAsync();
        string device = await network.ConnectOutAsync(NetworkNamespace.Near);
        await using var recording = Recording.StartHere(device, folder["recorded.pcap"]);
        await using var run = await LiveFleet.StartAsync(device, folder["live"], listeners: 2, delay);

        int sent = 0;
        foreach (string name in names)
            sent += await Replay.PlayAsync(network, PathOf(name));
        return await CompareAsync(string.Join(", ", names), sent, recording, run, folder, delay);
    }

    private static async Task<Outcome> CompareAsync(string name, int sent, Recording recording, ILiveShape run, TemporaryFolder folder, TimeSpan delay)
    {
        await Eventually.HoldsAsync(() => recording.Frames >= sent, "all frames are recorded");
        await recording.StopAsync();
        var file = await Runs.ToSinkAsync(new Input([folder["recorded.pcap"]], Device: null, Filter: null, Speed: null), folder["file"]);
        // What has ended in the file ends live too, if all is well; what has not is stopped.
        await Stored.WaitForAsync(folder["live"], Stored.Ended(folder["file"]), Longest + delay);
        var live = await run.StopAsync();

        List<string> differences = [.. StoredFolders.Differences(folder["file"], folder["live"])];
        if ((file.ExitCode, live.ExitCode) != (0, 0))
            differences.Add($"exit codes {file.ExitCode} and {live.ExitCode}: {live.Errors}");
        return new Outcome(name, differences, GapsTold().IsMatch(live.Output));
    }

    [GeneratedRegex("\"gap_samples\":[1-9]")]
    private static partial Regex GapsTold();

    private sealed record Outcome(string Name, IReadOnlyList<string> Differences, bool ToldGaps)
    {
        public override string ToString() => $"{Name}{(ToldGaps ? " (gaps were told)" : "")}: {string.Join("\n    ", Differences)}";
    }
}
