using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Puts the packets of one SSRC in order (RFC 3550 A.1 without its losses). A packet that follows a gap waits for the one that is late, as
/// long as <c>wait</c> says; whether it waited too long depends on packets' times alone, so the result does not depend on when anyone looks.
/// A jump that a second packet confirms, or that nothing refutes within the wait, is a beginning like the first; so is a number that was seen,
/// with another timestamp. A number that stands still while its timestamp moves follows itself.
/// </summary>
internal sealed class SourceOrder(Ssrc ssrc, long waitNs)
{
    // RFC 3550 A.1: a jump beyond these is a new beginning, once a second packet near it confirms it.
    private const int MaxDropout = 3000;
    private const int MaxMisorder = 100;
    private const int MaxCopyAge = SequenceHistory.Length - 1;

    // Two minutes: a timestamp so far back belongs to a packet that is late, and beyond that to a clock that has begun again.
    private const int MaxTimestampAge = 120 * MediaClock.Rate;

    // Packets of 10 ms: what is older by number than by its timestamp is of other numbers.
    private const int LeastSamples = MediaClock.Rate / 100;

    // More than two seconds of packets behind a gap: the gap is given up.
    private const int MaxHeld = 128;

    private readonly List<HeldPacket> _held = [];

    // How many they are, within reach of each packet.
    private int _heldCount;
    private readonly SequenceHistory _history = new();
    private SequenceNumber _next;
    private RtpTimestamp _firstTimestamp;
    private RtpTimestamp _lastTimestamp;
    private Candidate? _candidate;
    private bool _started;

    /// <summary>Takes a packet in order, and says whether it directly follows the one before it.</summary>
    public delegate void Receiver(in RtpPacket packet, long arrivalNs, bool follows);

    /// <summary>Whose packets.</summary>
    public Ssrc Ssrc { get; } = ssrc;

    /// <summary>When a packet of it that speaks arrived last; said by who knows what its payload types mean.</summary>
    public long SpokeNs { get; set; } = long.MinValue;

    /// <summary>The timestamps of the first and the last packet that were handed on since it began, or began anew; null before.</summary>
    public (RtpTimestamp First, RtpTimestamp Last)? Span => _started ? (_firstTimestamp, _lastTimestamp) : null;

    /// <summary>True while packets wait.</summary>
    public bool IsHolding => _heldCount > 0 || _candidate is not null;

    /// <summary>What waits longest has waited too long after this time; <see cref="long.MaxValue"/> where nothing waits.</summary>
    public long DueNs => IsHolding ? OldestArrival() + waitNs : long.MaxValue;

    /// <summary>Takes a packet as it arrives; hands on to <paramref name="receiver"/> what is in order now.</summary>
    public void Accept(in RtpPacket packet, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        Expire(arrivalNs, ref counts, receiver);
        if (!_started)
        {
            Hold(packet, arrivalNs, ref counts);
            return;
        }

        int ahead = packet.SequenceNumber - _next;
        if (ahead == 0)
            AcceptNext(packet, arrivalNs, ref counts, receiver);
        else if (ahead is > 0 and < MaxDropout)
            Hold(packet, arrivalNs, ref counts);
        else if (ahead is < 0 and >= -MaxCopyAge)
            AcceptBehind(packet, ahead, arrivalNs, ref counts, receiver);
        else
            AcceptJump(packet, arrivalNs, ref counts, receiver);
        while (_heldCount > MaxHeld)
            GiveUpGap(ref counts, receiver);
    }

    /// <summary>Gives up what has been waited for too long at <paramref name="nowNs"/>.</summary>
    public void Expire(long nowNs, ref StreamCounts counts, Receiver receiver)
    {
        while (DueNs < nowNs)
        {
            if (_candidate is { } jump && jump.First.ArrivalNs == OldestArrival())
                Settle(jump, ref counts, receiver);
            else
                GiveUpGap(ref counts, receiver);
        }
    }

    /// <summary>No more packets come: hands on all that wait.</summary>
    public void Flush(ref StreamCounts counts, Receiver receiver) => Expire(long.MaxValue, ref counts, receiver);

    private void AcceptNext(in RtpPacket packet, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        if (_heldCount > 0)
            counts.Reordered++;
        // One may have been overtaken by the first packet of a new beginning; two have not.
        if (_candidate is { IsDoubted: true } stray)
            Drop(stray.First, ref counts);
        else if (_candidate is { } doubtful)
            doubtful.IsDoubted = true;
        Pass(packet, arrivalNs, follows: true, ref counts, receiver);
    }

    private void Hold(in RtpPacket packet, long arrivalNs, ref StreamCounts counts)
    {
        var number = packet.SequenceNumber;
        int at = _heldCount;
        while (at > 0 && _held[at - 1].SequenceNumber - number > 0)
            at--;
        for (int same = at; same > 0 && _held[same - 1].SequenceNumber == number; same--)
        {
            if (_held[same - 1].Timestamp != packet.Timestamp)
                continue;
            counts.Duplicates++;
            return;
        }

        if (at < _heldCount)
            counts.Reordered++;
        _held.Insert(at, new HeldPacket(packet, arrivalNs));
        _heldCount++;
    }

    // Behind the last one: a copy, a packet that is too late, a number that stands still, or numbers that begin again (RFC 3550 §5.1, A.1).
    private void AcceptBehind(in RtpPacket packet, int ahead, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        bool isNear = ahead >= -MaxMisorder;
        var seen = _history.Find(packet);
        if (seen == SeenBefore.Copy || (seen == SeenBefore.OtherSamples && isNear))
            counts.Duplicates++;
        else if (seen == SeenBefore.No && IsOld(packet.Timestamp, isNear ? 1 : -ahead))
            counts.Late++;
        else if (seen == SeenBefore.OtherTimestamp && ahead == -1 && _candidate is null)
            AcceptStanding(packet, arrivalNs, ref counts, receiver);
        else
            AcceptJump(packet, arrivalNs, ref counts, receiver);
    }

    private void AcceptStanding(in RtpPacket packet, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        if (IsOld(packet.Timestamp, 1))
            counts.Late++;
        else
            HandOn(packet, arrivalNs, follows: true, ref counts, receiver);
    }

    // By its timestamp it was sent before the last one, by as many packets.
    private bool IsOld(RtpTimestamp timestamp, int packets)
    {
        int age = _lastTimestamp - timestamp;
        return age > 0 && age <= MaxTimestampAge && (packets == 1 || age >= packets * LeastSamples);
    }

    private void AcceptJump(in RtpPacket packet, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        if (_candidate?.First is not { } first)
        {
            Doubt(packet, arrivalNs);
            return;
        }

        if (packet.SequenceNumber == first.SequenceNumber && packet.Timestamp == first.Timestamp)
        {
            counts.Duplicates++;
            return;
        }

        if (Math.Abs(packet.SequenceNumber - first.SequenceNumber) > MaxHeld)
        {
            Drop(first, ref counts);
            Doubt(packet, arrivalNs);
            return;
        }

        Restart(first, ref counts, receiver);
        Hold(packet, arrivalNs, ref counts);
    }

    private void Doubt(in RtpPacket packet, long arrivalNs) => _candidate = new Candidate(new HeldPacket(packet, arrivalNs));

    private void Drop(in HeldPacket stray, ref StreamCounts counts)
    {
        counts.Late++;
        stray.Release();
        _candidate = null;
    }

    // Nothing has confirmed it within the wait.
    private void Settle(Candidate jump, ref StreamCounts counts, Receiver receiver)
    {
        bool isLate = jump.First.SequenceNumber - _next is < 0 and >= -MaxCopyAge && IsOld(jump.First.Timestamp, 1);
        if (jump.IsDoubted || isLate)
            Drop(jump.First, ref counts);
        else
            Restart(jump.First, ref counts, receiver);
    }

    private void Restart(in HeldPacket first, ref StreamCounts counts, Receiver receiver)
    {
        while (_heldCount > 0)
            GiveUpGap(ref counts, receiver);
        _candidate = null;
        _history.Clear();
        _started = false;
        _held.Add(first);
        _heldCount++;
    }

    private void GiveUpGap(ref StreamCounts counts, Receiver receiver)
    {
        var first = _held[0].SequenceNumber;
        int missing = _started ? first - _next : 0;
        // More than that is a beginning of which a stray packet came first, and not a loss.
        counts.Lost += missing < MaxDropout ? missing : 0;
        for (int i = 0; i < Math.Min(missing, SequenceHistory.Length); i++)
            _history.Forget(first + (-1 - i));
        bool follows = _started && missing == 0;
        if (!_started)
            _firstTimestamp = _held[0].Timestamp;
        _started = true;
        _next = first;
        PassHeld(follows, ref counts, receiver);
    }

    private void Pass(in RtpPacket packet, long arrivalNs, bool follows, ref StreamCounts counts, Receiver receiver)
    {
        HandOn(packet, arrivalNs, follows, ref counts, receiver);
        if (_heldCount > 0 && _held[0].SequenceNumber == _next)
            PassHeld(follows: true, ref counts, receiver);
    }

    private void PassHeld(bool follows, ref StreamCounts counts, Receiver receiver)
    {
        int passed = 0;
        // A number that comes again with another timestamp stands still; what it says goes on.
        while (passed < _heldCount && _held[passed].SequenceNumber - _next is 0 or -1)
        {
            var held = _held[passed++];
            HandOn(held.Packet, held.ArrivalNs, follows, ref counts, receiver);
            held.Release();
            follows = true;
        }

        _held.RemoveRange(0, passed);
        _heldCount -= passed;
    }

    private void HandOn(in RtpPacket packet, long arrivalNs, bool follows, ref StreamCounts counts, Receiver receiver)
    {
        counts.Packets++;
        _history.Add(packet);
        _next = packet.SequenceNumber.Next;
        _lastTimestamp = packet.Timestamp;
        receiver(packet, arrivalNs, follows);
    }

    private long OldestArrival()
    {
        long oldest = _candidate?.First.ArrivalNs ?? long.MaxValue;
        foreach (var held in _held)
            oldest = Math.Min(oldest, held.ArrivalNs);
        return oldest;
    }

    // The first packet of what may be a new beginning.
    private sealed class Candidate(HeldPacket first)
    {
        public HeldPacket First { get; } = first;

        // A packet of the old numbers has come since.
        public bool IsDoubted { get; set; }
    }
}
