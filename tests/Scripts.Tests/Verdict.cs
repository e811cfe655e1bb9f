using CallMirror.Scripts.Tests.Product;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Truth;
using CallMirror.Scripts.Tests.Wire;

namespace CallMirror.Scripts.Tests;

/// <summary>What the product makes of a script, with sip-tracker's answers at once and late.</summary>
/// <param name="Script">The script.</param>
/// <param name="Packets">Frames that were played for each delay.</param>
/// <param name="Faults">What is wrong.</param>
internal sealed record Verdict(Script Script, int Packets, IReadOnlyList<Fault> Faults)
{
    /// <summary>How late sip-tracker's answers come, in milliseconds of packets' time: as for a file, on a busy machine, in a cold process.</summary>
    public static readonly int[] DelaysMs = [0, 300, 3000];

    private const string AtOnce = " [answers at once]";

    /// <summary>Something is wrong even where sip-tracker answers at once, as for a file.</summary>
    public bool FailsAtOnce => Faults.Any(fault => fault.Text.EndsWith(AtOnce, StringComparison.Ordinal));

    public static Verdict Of(Script script)
    {
        var stage = ScriptPlayer.Play(script);
        var frames = stage.InOrder(script.IsDoubled);
        var outputs = DelaysMs.Select(delay => Pipeline.Run(frames, delay, script.Seed)).ToList();
        List<Fault> faults = [];
        for (int i = 0; i < outputs.Count; i++)
        {
            int delay = DelaysMs[i];
            string when = delay == 0 ? AtOnce : $" [answers {delay} ms late]";
            faults.AddRange(Judge.Faults(stage, outputs[i]).Select(fault => fault with { Text = fault.Text + when }));
            if (i > 0)
                faults.AddRange(Judge.Differences(outputs[0], outputs[i], delay));
        }

        return new Verdict(script, frames.Count, faults);
    }
}
