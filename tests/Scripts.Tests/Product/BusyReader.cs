using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Wire;

namespace CallMirror.Scripts.Tests.Product;

/// <summary>
/// Reads frames as a live capture does on a machine that has too much to do: late and many at once, with the clock's ticks anywhere between
/// them, and windows that grow and shrink. Now and then the whole machine stands still, and what the kernel had just taken is handed over when it
/// goes on, a few ticks later. None of it may be seen in what comes out.
/// </summary>
internal sealed class BusyReader(int seed)
{
    private const long NsPerMs = 1_000_000;

    // What the capture loop takes off the clock.
    private const long ClockLagNs = 50 * NsPerMs;

    // A gap in which the machine may have stood still.
    private const long StandstillNs = 100 * NsPerMs;
    private const int TicksAfterStandstill = 3;
    private static readonly int[] WindowsMs = [100, 137, 200, 300];

    private readonly Dice _dice = Dice.Of(seed, 77);
    private long _clockNs;

    public void Read(IReadOnlyList<Frame> frames, Action<Frame> accept, Action<long> tick, Action<TimeSpan> setWindow)
    {
        _clockNs = frames[0].TimeNs;
        for (int at = 0; at < frames.Count;)
        {
            if (_dice.Percent(5))
                setWindow(TimeSpan.FromMilliseconds(_dice.Of<int>(WindowsMs)));
            at = ReadOn(frames, at, accept, tick);
        }
    }

    // The clock comes before the source, as in the loop; between the two the process may be kept from working.
    private int ReadOn(IReadOnlyList<Frame> frames, int at, Action<Frame> accept, Action<long> tick)
    {
        _clockNs += _dice.Between(1, 8) * NsPerMs;
        long clockNs = _clockNs;
        _clockNs += _dice.Percent(2) ? _dice.Between(50, 700) * NsPerMs : 0;
        long kernelNs = (_dice.Percent(3) ? _dice.Between(10, 150) : _dice.Between(0, 10)) * NsPerMs;
        for (; at < frames.Count && frames[at].TimeNs + kernelNs <= _clockNs; at++)
        {
            if (IsBeforeGap(frames, at) && _dice.Percent(50))
                StandStill(frames[at + 1].TimeNs, tick);
            accept(frames[at]);
        }

        tick(clockNs - ClockLagNs);
        return at;
    }

    private static bool IsBeforeGap(IReadOnlyList<Frame> frames, int at) =>
        at + 1 < frames.Count && frames[at + 1].TimeNs - frames[at].TimeNs >= StandstillNs;

    // The kernel has a packet that it has not handed over, and the clock is past the gap behind it already.
    private void StandStill(long untilNs, Action<long> tick)
    {
        _clockNs = Math.Max(_clockNs, untilNs - NsPerMs * TicksAfterStandstill);
        for (int i = 0; i < TicksAfterStandstill; i++)
            tick((_clockNs += NsPerMs) - ClockLagNs);
    }
}
