using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>Why a stream came late, as far as those packets say that have come since.</summary>
internal enum Verdict : byte
{
    /// <summary>Too few have come.</summary>
    Open,

    /// <summary>They were held up on their way, and come faster than time until they have caught up.</summary>
    Stall,

    /// <summary>Their sender has paused, and they come at the usual rate.</summary>
    Pause,
}

/// <summary>
/// Holds the packets that came late, until it is clear whether they were held up or their sender has paused. What it decides depends on their
/// arrival alone. Owns the packets until they are taken.
/// </summary>
internal sealed class StallHold
{
    // As many are the usual rate, in at least as much time; a packet that is alone says nothing.
    private const int EnoughPackets = 4;
    private const long EnoughNs = 100_000_000;

    // With the reorder wait it is within the half second for which silence is held back.
    private const long LongestNs = 380_000_000;
    private const int MaxPackets = 512;

    // What has come nearer to its time by a quarter is catching up, and by less than this has only come a little unevenly.
    private const int CatchingUp = 4;
    private const int LeastGain = MediaClock.Rate * 80 / 1000;

    private readonly List<UndecidedPacket> _held = [];
    private long _firstNs;
    private long _first;
    private long _least;

    // The latest of all, and what has come since: of stalls on each other's heels the last one counts.
    private long _peak;
    private long _peakNs;
    private long _leastSince;
    private int _since;

    /// <summary>Packets are held.</summary>
    public bool IsHolding => _held.Count > 0;

    /// <summary>Whose packets.</summary>
    public Ssrc Ssrc => _held[0].Held.Ssrc;

    /// <summary>It must be decided by then.</summary>
    public long DueNs => IsHolding ? _firstNs + LongestNs : long.MaxValue;

    /// <summary>How much later the first was than it had to be, where that is more than packets always are.</summary>
    public long Unevenness => _first - _least >= LeastGain ? _first - _least : 0;

    /// <summary>What is known where nothing more comes in time.</summary>
    public Verdict Last => Gain >= Math.Max(LeastGain, _peak / CatchingUp) ? Verdict.Stall : Verdict.Pause;

    private long Gain => _peak - _leastSince;

    /// <summary>Takes a packet that says nothing about how late the others are.</summary>
    public void Keep(in UndecidedPacket packet) => _held.Add(packet);

    /// <summary>Takes a packet of audio, and says what is known with it.</summary>
    public Verdict Add(in UndecidedPacket packet, long lateness)
    {
        Measure(packet.Held.ArrivalNs, lateness);
        _held.Add(packet);
        if (lateness <= StretchClock.Tolerance && Gain >= StretchClock.StepTolerance)
            return Verdict.Stall;
        if (_held.Count >= MaxPackets)
            return Last;
        bool isEnough = _since >= EnoughPackets && packet.Held.ArrivalNs - _peakNs >= EnoughNs;
        return isEnough && Gain < _peak / CatchingUp ? Verdict.Pause : Verdict.Open;
    }

    private void Measure(long arrivalNs, long lateness)
    {
        if (!IsHolding)
            (_firstNs, _first, _least, _peak) = (arrivalNs, lateness, lateness, long.MinValue / 2);
        if (lateness > _peak + StretchClock.StepTolerance)
            (_peak, _peakNs, _leastSince, _since) = (lateness, arrivalNs, lateness, 0);
        _least = Math.Min(_least, lateness);
        _leastSince = Math.Min(_leastSince, lateness);
        _since++;
    }

    /// <summary>Gives up what is held, in order; whoever takes it releases it.</summary>
    public void TakeInto(List<UndecidedPacket> taken)
    {
        taken.AddRange(_held);
        _held.Clear();
    }
}
