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

    /// <summary>Packets are held.</summary>
    public bool IsHolding => _held.Count > 0;

    /// <summary>Whose packets.</summary>
    public Ssrc Ssrc => _held[0].Held.Ssrc;

    /// <summary>It must be decided by then.</summary>
    public long DueNs => IsHolding ? _firstNs + LongestNs : long.MaxValue;

    /// <summary>How much nearer to its time one of them has come than the first.</summary>
    public long Gain => _first - _least;

    /// <summary>The first was later than others by more than packets always are.</summary>
    public bool IsUneven => Gain >= LeastGain;

    /// <summary>What is known where nothing more comes in time.</summary>
    public Verdict Last => Gain >= Math.Max(LeastGain, _first / CatchingUp) ? Verdict.Stall : Verdict.Pause;

    /// <summary>Takes a packet that says nothing about how late the others are.</summary>
    public void Keep(in UndecidedPacket packet) => _held.Add(packet);

    /// <summary>Takes a packet of audio, and says what is known with it.</summary>
    public Verdict Add(in UndecidedPacket packet, long lateness)
    {
        if (!IsHolding)
            (_firstNs, _first, _least) = (packet.Held.ArrivalNs, lateness, lateness);
        _least = Math.Min(_least, lateness);
        _held.Add(packet);
        if (lateness <= StretchClock.Tolerance && Gain >= StretchClock.StepTolerance)
            return Verdict.Stall;
        if (_held.Count >= MaxPackets)
            return Last;
        bool isEnough = _held.Count >= EnoughPackets && packet.Held.ArrivalNs - _firstNs >= EnoughNs;
        return isEnough && Gain < _first / CatchingUp ? Verdict.Pause : Verdict.Open;
    }

    /// <summary>Gives up what is held, in order; whoever takes it releases it.</summary>
    public void TakeInto(List<UndecidedPacket> taken)
    {
        taken.AddRange(_held);
        _held.Clear();
    }
}
