using System.Diagnostics;
using System.Globalization;
using CallMirror.AllInOne.Commands;
using CallMirror.EndToEnd.Tests.Distributed;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>
/// SIPp calls a small PBX many times at once, all media of its side from one address; the mirror is <c>iptables -j TEE</c>, and callmirror a cold
/// process there.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class SippTests
{
    private const int TalkMs = 3000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    private static bool IsLongProfile => Environment.GetEnvironmentVariable("CALLMIRROR_LONG") == "1";

    [Fact]
    public Task Twenty_calls_at_once_on_one_media_address_are_exact() => AssertExactAsync(calls: 20, aSecond: 100);

    [Fact]
    public Task Five_calls_a_second_on_one_media_address_are_exact() => AssertExactAsync(calls: IsLongProfile ? 300 : 75, aSecond: 5);

    [Fact]
    public Task Twenty_calls_at_once_are_exact_over_a_broker() => AssertExactAsync(calls: 20, aSecond: 100, isOverBroker: true);

    [Fact]
    public Task Five_calls_a_second_are_exact_over_a_broker() => AssertExactAsync(calls: IsLongProfile ? 300 : 75, aSecond: 5, isOverBroker: true);

    private static async Task AssertExactAsync(int calls, int aSecond, bool isOverBroker = false)
    {
        using var folder = new TemporaryFolder();
        await using var network = await SippNetwork.CreateAsync();
        await using var recording = Recording.StartHere(network.Mirror, folder["recorded.pcap"]);
        await using ILiveShape run = isOverBroker
            ? await LiveFleet.StartAsync(network.Mirror, folder["live"], listeners: 2)
            : await LiveRun.StartHereAsync(network.Mirror, folder["live"], listeners: 2);
        await using var pbx = await SipAnswerer.StartAsync(network, calls);

        await CallAsync(network, folder["sipp.xml"], calls, aSecond);
        await Stored.WaitForAsync(folder["live"], 2 * calls, Settled);
        await recording.StopAsync();
        var result = await run.StopAsync();
        var file = await Runs.ToSinkAsync(new Input([folder["recorded.pcap"]], Device: null, Filter: null, Speed: null), folder["file"]);

        Assert.Equal((calls, 0L, 0, 0), (pbx.Calls.Count, recording.Dropped, result.ExitCode, file.ExitCode));
        var faults = Faults(pbx, folder["recorded.pcap"], folder["live"]);
        int ofFile = (2 * calls) - Faults(pbx, folder["recorded.pcap"], folder["file"]).Count;
        Assert.True(faults.Count == 0, $"{(2 * calls) - faults.Count} of {2 * calls} streams are exact ({ofFile} from the recorded file):\n{string.Join("\n", faults.Take(10))}");
        Assert.Equal(2 * calls, Directory.GetFiles(folder["live"], "*.pcm").Length);
    }

    private static List<string> Faults(SipAnswerer pbx, string recorded, string folder)
    {
        var truth = GroundTruth.Read(recorded).ToDictionary(stream => stream.Ssrc);
        var outputs = Runs.DecodedStreams(folder);
        List<string> faults = [];
        foreach (var call in pbx.Calls)
        {
            for (int role = 0; role < 2; role++)
            {
                string? fault = !truth.TryGetValue(call.Ssrc(role), out var stream) ? "was not sent"
                    : !outputs.TryGetValue($"{call.CallId}-{role}", out var audio) ? "is missing" : Exactness.Fault(stream, audio);
                if (fault is not null)
                    faults.Add($"{call.CallId} role {role}: {fault}");
            }
        }

        return faults;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task CallAsync(SippNetwork network, string scenario, int calls, int aSecond)
    {
        await File.WriteAllTextAsync(scenario, SippScenario.Text(SipAnswerer.PhonesMediaPort, TalkMs), TestContext.Current.CancellationToken);
        string[] command =
        [
            .. network.Phones.Exec.Skip(1), "sipp", $"{SippNetwork.PbxAddress}:{SipAnswerer.SipPort}", "-sf", scenario, "-i", SippNetwork.PhonesAddress,
            "-p", "5070", "-t", "u1", "-nostdin", "-mp", "36000", "-m", Text(calls), "-l", Text(calls), "-r", Text(aSecond),
        ];
        using var sipp = Process.Start(new ProcessStartInfo("ip", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(scenario)!,
        })!;
        var said = Task.WhenAll(sipp.StandardOutput.ReadToEndAsync(CancellationToken.None), sipp.StandardError.ReadToEndAsync(CancellationToken.None));
        await sipp.WaitForExitAsync(CancellationToken.None).WaitAsync(Longest, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.SkipWhen(sipp.ExitCode == 255 && (await said)[1].Contains("exec of", StringComparison.Ordinal), "SIPp is not installed");
        Assert.True(sipp.ExitCode == 0, $"SIPp ended with {sipp.ExitCode}: {(await said)[1]}");
    }
}
