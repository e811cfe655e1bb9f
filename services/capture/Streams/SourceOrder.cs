using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Puts the packets of one SSRC in order (RFC 3550 A.1 without its losses). A packet that follows a gap waits for the one that is late, as
/// long as <c>wait</c> says; whether it waited too long depends on packets' times alone, so the result does not depend on when anyone looks.
/// A jump that a second packet confirms, or that nothing refutes within the wait, is a beginning like the first.
/// </summary>
internal sealed class SourceOrder(Ssrc ssrc, long waitNs)
{
    // RFC 3550 A.1: a jump beyond these is a new beginning, once a second packet near it confirms it.
    private const int MaxDropout = 3000;
    private const int MaxMisorder = SequenceHistory.Length - 1;

    // More than two seconds of packets behind a gap: the gap is given up.
    private const int MaxHeld = 128;

    private readonly List<HeldPacket> _held = [];
    private readonly SequenceHistory _history = new();
    private SequenceNumber _next;
    private HeldPacket? _candidate;
    private bool _started;

    /// <summary>Takes a packet in order, and says whether it directly follows the one before it.</summary>
    public delegate void Receiver(in RtpPacket packet, long arrivalNs, bool follows);

    /// <summary>Whose packets.</summary>
    public Ssrc Ssrc { get; } = ssrc;

    /// <summary>True while packets wait.</summary>
    public bool IsHolding => _held.Count > 0 || _candidate is not null;

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
        else if (ahead is < 0 and >= -MaxMisorder)
            Refuse(packet, ref counts);
        else
            AcceptJump(packet, arrivalNs, ref counts, receiver);
        while (_held.Count > MaxHeld)
            GiveUpGap(ref counts, receiver);
    }

    /// <summary>Gives up what has been waited for too long at <paramref name="nowNs"/>.</summary>
    public void Expire(long nowNs, ref StreamCounts counts, Receiver receiver)
    {
        while (DueNs < nowNs)
        {
            if (_candidate is { } jump && jump.ArrivalNs == OldestArrival())
                Restart(jump, ref counts, receiver);
            else
                GiveUpGap(ref counts, receiver);
        }
    }

    /// <summary>No more packets come: hands on all that wait.</summary>
    public void Flush(ref StreamCounts counts, Receiver receiver) => Expire(long.MaxValue, ref counts, receiver);

    private void AcceptNext(in RtpPacket packet, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        if (_held.Count > 0)
            counts.Reordered++;
        if (_candidate is { } stray)
        {
            counts.Late++;
            stray.Release();
            _candidate = null;
        }

        Pass(packet, arrivalNs, follows: true, ref counts, receiver);
    }

    private void Hold(in RtpPacket packet, long arrivalNs, ref StreamCounts counts)
    {
        var number = packet.SequenceNumber;
        int at = _held.Count;
        while (at > 0 && _held[at - 1].SequenceNumber - number > 0)
            at--;
        if (at > 0 && _held[at - 1].SequenceNumber == number)
        {
            counts.Duplicates++;
            return;
        }

        if (at < _held.Count)
            counts.Reordered++;
        _held.Insert(at, new HeldPacket(packet, arrivalNs));
    }

    private void Refuse(in RtpPacket packet, ref StreamCounts counts)
    {
        if (_history.Contains(packet.SequenceNumber))
            counts.Duplicates++;
        else
            counts.Late++;
    }

    private void AcceptJump(in RtpPacket packet, long arrivalNs, ref StreamCounts counts, Receiver receiver)
    {
        if (_candidate is not { } first)
        {
            _candidate = new HeldPacket(packet, arrivalNs);
            return;
        }

        if (packet.SequenceNumber == first.SequenceNumber)
        {
            counts.Duplicates++;
            return;
        }

        if (Math.Abs(packet.SequenceNumber - first.SequenceNumber) > MaxHeld)
        {
            counts.Late++;
            first.Release();
            _candidate = new HeldPacket(packet, arrivalNs);
            return;
        }

        Restart(first, ref counts, receiver);
        Hold(packet, arrivalNs, ref counts);
    }

    private void Restart(in HeldPacket first, ref StreamCounts counts, Receiver receiver)
    {
        while (_held.Count > 0)
            GiveUpGap(ref counts, receiver);
        _candidate = null;
        _history.Clear();
        _started = false;
        _held.Add(first);
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
        _started = true;
        _next = first;
        PassHeld(follows, ref counts, receiver);
    }

    private void Pass(in RtpPacket packet, long arrivalNs, bool follows, ref StreamCounts counts, Receiver receiver)
    {
        HandOn(packet, arrivalNs, follows, ref counts, receiver);
        if (_held.Count > 0 && _held[0].SequenceNumber == _next)
            PassHeld(follows: true, ref counts, receiver);
    }

    private void PassHeld(bool follows, ref StreamCounts counts, Receiver receiver)
    {
        int passed = 0;
        while (passed < _held.Count && _held[passed].SequenceNumber == _next)
        {
            var held = _held[passed++];
            HandOn(held.Packet, held.ArrivalNs, follows, ref counts, receiver);
            held.Release();
            follows = true;
        }

        _held.RemoveRange(0, passed);
    }

    private void HandOn(in RtpPacket packet, long arrivalNs, bool follows, ref StreamCounts counts, Receiver receiver)
    {
        counts.Packets++;
        _history.Add(packet.SequenceNumber);
        _next = packet.SequenceNumber.Next;
        receiver(packet, arrivalNs, follows);
    }

    private long OldestArrival()
    {
        long oldest = _candidate?.ArrivalNs ?? long.MaxValue;
        foreach (var held in _held)
            oldest = Math.Min(oldest, held.ArrivalNs);
        return oldest;
    }
}
