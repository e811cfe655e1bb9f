using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Which source is the role's where two talk at once (RFC 3550 §8: two SSRCs are two sources): the one that began first, for as long as it
/// talks. What another says meanwhile is held back for a moment, as it is the role's from where the first one stops; what the first one talked over is
/// dropped and counted. So two sources never come in slices, and one that takes over loses nothing.
/// </summary>
/// <param name="stopNs">A source that has said nothing for this long has stopped: longer than its own packets may wait for each other.</param>
/// <param name="counters">Where drops are counted.</param>
internal sealed class SourceChoice(long stopNs, CaptureCounters counters)
{
    // Of the source that took over while the other's last packets were on their way; it begins behind them.
    private const long OverlapNs = 100_000_000;

    // A source that has talked beside the other all the time overlaps it by a clock's error, and goes on for three packets at least.
    private const long TouchNs = 5_000_000;
    private const int GoesOn = 3;

    private const int MaxWaiting = 64;
    private const int MaxRefused = 8;

    private readonly List<UndecidedPacket> _waiting = [];
    private readonly List<Ssrc> _refused = [];
    private SourceOrder? _active;

    /// <summary>When the source that talks counts as stopped, while another waits; <see cref="long.MaxValue"/> where none does.</summary>
    public long DueNs => _waiting.Count > 0 ? _active!.SpokeNs + stopNs : long.MaxValue;

    /// <summary>The source that talks; null before any has.</summary>
    public Ssrc? Active => _active?.Ssrc;

    /// <summary>It talks beside the one that is the role's.</summary>
    public bool IsSecond(Ssrc ssrc, long arrivalNs) => _active is not null && _active.Ssrc != ssrc && arrivalNs - _active.SpokeNs < stopNs
        && (_refused.Contains(ssrc) || _waiting.Exists(waiting => waiting.Held.Ssrc == ssrc));

    /// <summary>The source that talks was heard: what another said before that is refused.</summary>
    public void Heard(long arrivalNs)
    {
        while (_waiting is [var first, ..] && first.Held.ArrivalNs <= arrivalNs - OverlapNs)
            Refuse(0);
    }

    /// <summary>Another source talks: true where the role is its own from now on, as the one before it has stopped; else its packet waits.</summary>
    public bool TryTakeOver(SourceOrder source, in RtpPacket packet, long arrivalNs, bool follows, PayloadMeaning meaning)
    {
        if (_waiting.Count == 0 && (_active is null || arrivalNs - _active.SpokeNs >= stopNs))
        {
            Follow(source);
            return true;
        }

        if (_waiting.Count == MaxWaiting)
            Refuse(0);
        _waiting.Add(new UndecidedPacket(new HeldPacket(packet, arrivalNs), follows, meaning));
        return false;
    }

    /// <summary>
    /// The source that talked has stopped: finds the one that goes on, and takes its packets that were not talked over. The others are refused or, where
    /// another goes on, wait for that one.
    /// </summary>
    /// <param name="sources">All sources of the role.</param>
    /// <param name="endNs">When the last sample of the one that stopped was heard.</param>
    /// <param name="taken">Where the packets go, in order; whoever takes them releases them.</param>
    public void Settle(List<SourceOrder> sources, long endNs, List<UndecidedPacket> taken)
    {
        foreach (var waiting in _waiting)
        {
            var source = sources.Find(source => source.Ssrc == waiting.Held.Ssrc);
            if (source is null || !GoesOnAfter(source.Ssrc, endNs))
                continue;
            Take(source, endNs, taken);
            return;
        }

        while (_waiting.Count > 0)
            Refuse(0);
    }

    private bool GoesOnAfter(Ssrc ssrc, long endNs)
    {
        int after = 0;
        foreach (var waiting in _waiting)
            after += waiting.Held.Ssrc == ssrc && waiting.Held.ArrivalNs >= endNs - TouchNs ? 1 : 0;
        return after >= (_refused.Contains(ssrc) ? GoesOn : 1);
    }

    // One that began while the other's last packets came is heard from its beginning; one that was refused before, from the other's end.
    private void Take(SourceOrder source, long endNs, List<UndecidedPacket> taken)
    {
        long fromNs = _refused.Contains(source.Ssrc) ? endNs - TouchNs : long.MinValue;
        for (int i = 0; i < _waiting.Count;)
        {
            var waiting = _waiting[i];
            if (waiting.Held.Ssrc != source.Ssrc)
            {
                i++;
            }
            else if (waiting.Held.ArrivalNs < fromNs)
            {
                Refuse(i);
            }
            else
            {
                taken.Add(waiting);
                _waiting.RemoveAt(i);
            }
        }

        Follow(source);
    }

    private void Follow(SourceOrder source)
    {
        _active = source;
        _refused.Remove(source.Ssrc);
    }

    private void Refuse(int at)
    {
        var held = _waiting[at].Held;
        _waiting.RemoveAt(at);
        counters.Drop(DropReason.SecondSource);
        held.Release();
        if (_refused.Contains(held.Ssrc))
            return;
        if (_refused.Count == MaxRefused)
            _refused.RemoveAt(0);
        _refused.Add(held.Ssrc);
    }
}
