using CallMirror.Scripts.Tests.Product;
using CallMirror.Scripts.Tests.Truth;
using CallMirror.Scripts.Tests.Wire;
using CallMirror.TestKit;

namespace CallMirror.Scripts.Tests.Recorded;

/// <summary>Of what was recorded the same comes out, however late sip-tracker answers: what a capture of an interface makes of it is what a file makes of it.</summary>
public sealed class LateAnswerTests
{
    private const string PcapNg = ".pcapng";

    /// <summary>All captures and cases, but those that only libpcap reads.</summary>
    public static TheoryData<string> Recordings =>
        [.. TestData.CaptureNames.Where(name => !TestData.Capture(name).EndsWith(PcapNg, StringComparison.Ordinal)), .. Cases];

    private static IEnumerable<string> Cases =>
        Directory.EnumerateDirectories(TestData.Path("cases")).Select(folder => $"cases/{Path.GetFileName(folder)}").Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Answers_that_come_late_change_no_byte(string name)
    {
        var frames = Frames(name);
        var prompt = Pipeline.Run(frames, delayMs: 0, seed: 1);

        var faults = Verdict.DelaysMs.Skip(1).SelectMany(delay => Judge.Differences(prompt, Pipeline.Run(frames, delay, seed: 1), delay)).ToList();

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    /// <summary>The frames of a recording.</summary>
    internal static List<Frame> Frames(string name)
    {
        string path = name.StartsWith("cases/", StringComparison.Ordinal) ? TestData.Path($"{name}/mirror.pcap") : TestData.Capture(name);
        return [.. PcapReader.Read(path).Select(record => new Frame(record.TimestampNs, record.Frame, record.Link))];
    }
}
