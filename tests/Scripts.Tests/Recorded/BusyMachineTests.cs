using CallMirror.Scripts.Tests.Product;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Truth;

namespace CallMirror.Scripts.Tests.Recorded;

/// <summary>
/// The machine that sends stalls, of both sides or of one, and what was held up comes all at once; the machine that captures reads late, and its
/// clock ticks whenever it likes. What was recorded gives the same bytes from the interface as from the file.
/// </summary>
public sealed class BusyMachineTests
{
    private const int Runs = 3;

    public static TheoryData<string> Recordings => LateAnswerTests.Recordings;

    [Theory]
    [MemberData(nameof(Recordings))]
    public void When_packets_are_read_and_the_clock_ticks_changes_no_byte(string name)
    {
        var frames = LateAnswerTests.Frames(name);
        List<Fault> faults = [];
        for (int seed = 1; seed <= Runs; seed++)
        {
            var stalled = Stalls.Make(frames, Dice.Of(seed, frames.Count));
            var file = Pipeline.Run(stalled, delayMs: 0, seed);
            foreach (int delay in (int[])[0, 300])
                faults.AddRange(Judge.Differences(file, Pipeline.RunLive(stalled, delay, seed, new BusyReader(seed)), delay)
                    .Select(fault => fault with { Text = $"{fault.Text} [seed {seed}]" }));
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }
}
