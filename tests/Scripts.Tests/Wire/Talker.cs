using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Truth;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>One sender of RTP: a packet of 20 ms every 20 ms, and what happens to them on their way.</summary>
internal sealed class Talker
{
    private const int PacketMs = 20;
    private const int PacketSamples = 160;

    // A source that takes over in mid packet of the one before begins behind that packet's last sample: no sample is overwritten.
    private const int TakingOver = PacketSamples;

    // A stretch is placed by its first packet, which must not be a late one.
    private const int PunctualPackets = 3;

    // What is under way while the addresses change can't be told from what comes too late.
    private const int MovingMs = 50;
    private const int Linger = 500;

    private readonly CallPlan _plan;
    private readonly Stage _stage;
    private readonly CallTimes _times;
    private readonly int _seed;
    private readonly int _lagMs;
    private readonly int _role;
    private readonly int _source;
    private readonly Dictionary<int, MediaEvent> _events;
    private readonly Dice _dice;
    private readonly uint _ssrc;
    private ushort _sequence;
    private uint _timestamp;
    private int _index;
    private int _punctual = PunctualPackets;
    private int _stalledUntil = int.MinValue;
    private int _inBurst;
    private bool _hasJumped;
    private readonly Relay? _relay;

    public Talker(CallPlan plan, Stage stage, int seed, int role, int source, int lagMs)
    {
        (_plan, _stage, _seed, _role, _source, _lagMs, _times) = (plan, stage, seed, role, source, lagMs, new CallTimes(plan));
        _events = source == 0 ? plan.MediaEvents.Where(each => each.Role == role).DistinctBy(each => each.AtPacket).ToDictionary(each => each.AtPacket) : [];
        var dice = Dice.Of(seed, plan.Id, role, source);
        _relay = plan.IsRelayed ? new Relay(plan) : null;
        (_ssrc, _sequence, _timestamp) = ((uint)dice.Next(), (ushort)dice.Next(), (uint)dice.Next());
        _dice = dice;
    }

    /// <summary>Says, for the time of a packet, what must become of it.</summary>
    public required Func<int, Duty> Duty { get; init; }

    /// <summary>Sends from one time on to another, in milliseconds of the script.</summary>
    public void Talk(int fromMs, int toMs, PartyPlan sender, PartyPlan receiver)
    {
        for (int ms = fromMs; ms < toMs; ms += PacketMs)
        {
            if (_times.IsOnHold(ms) || _times.IsThinnedOut(ms))
            {
                (_timestamp, _punctual) = (_timestamp + PacketSamples, PunctualPackets);
                continue;
            }

            if (_events.TryGetValue(_index, out var happens))
                ms += Happen(happens, ms, sender, receiver);
            Send(ms, sender, receiver);
            (_index, _sequence, _timestamp) = (_index + 1, (ushort)(_sequence + 1), _timestamp + PacketSamples);
        }
    }

    /// <summary>What the sender says in a packet, and nobody else ever.</summary>
    public static byte[] Content(int seed, int call, int role, int source, int index)
    {
        var dice = Dice.Of(seed, call, role, source, index);
        byte[] content = new byte[PacketSamples];
        for (int i = 0; i < content.Length; i += sizeof(ulong))
            BitConverter.TryWriteBytes(content.AsSpan(i), dice.Next());
        return content;
    }

    // Returns how long the sender is silent first.
    private int Happen(MediaEvent happens, int ms, PartyPlan sender, PartyPlan receiver)
    {
        switch (happens.Kind)
        {
            case MediaEventKind.Stall:
                (_stalledUntil, _inBurst) = (ms + happens.Amount, 0);
                return 0;
            case MediaEventKind.TimestampJump:
                _timestamp += (uint)happens.Amount;
                _hasJumped = true;
                return 0;
            case MediaEventKind.SequenceRestart:
                _sequence -= (ushort)happens.Amount;
                return 0;
            case MediaEventKind.Digit:
                PressKey((Press)happens.Amount, ms, sender, receiver);
                (_timestamp, _punctual) = (_timestamp + KeyMs * 8, PunctualPackets);
                return KeyMs;
            default:
                if (happens.Kind == MediaEventKind.Pause)
                    _timestamp += (uint)happens.Amount * 8;
                _punctual = PunctualPackets;
                return happens.Amount;
        }
    }

    private const int KeyMs = 180;
    private const int Five = 5;

    // RFC 4733 §2.5: the event grows, and its end comes three times.
    private void PressKey(Press press, int ms, PartyPlan sender, PartyPlan receiver)
    {
        for (int i = 0; i < 11; i++)
        {
            int after = Math.Min(i, 8) * PacketMs;
            bool isNew = press == Press.AnotherUnderTheSameTimestamp && i >= 5;
            byte[] payload = new byte[TelephoneEvent.Length];
            bool isEnd = i >= 8 || (press == Press.AnotherUnderTheSameTimestamp && i == 4);
            new TelephoneEvent((byte)(isNew ? Five + 1 : Five), isEnd, 10, (ushort)(PacketSamples + after * 8)).WriteTo(payload);
            uint late = press == Press.EndsWithNewTimestamps && i > 8 ? (uint)((i - 8) * PacketSamples) : 0;
            Carry((ms + after + _lagMs) * 1000L + Math.Max(0, i - 8) * 100, ms, sender, receiver, payload, payloadType: 101, _timestamp + late);
            _sequence++;
        }

        _stage.Digits.Add((_plan.Id, _role, Five));
        if (press == Press.AnotherUnderTheSameTimestamp)
            _stage.Digits.Add((_plan.Id, _role, Five + 1));
    }

    private void Send(int ms, PartyPlan sender, PartyPlan receiver)
    {
        int jitter = _dice.Between(0, _plan.JitterMs);
        bool lost = _dice.Percent(_plan.LossPercent);
        if (_punctual-- > 0)
            (jitter, lost) = (0, false);
        if (lost)
            return;
        long heard = (ms + _lagMs) * 1000L;
        long arrives = ms < _stalledUntil ? (_stalledUntil + _lagMs) * 1000L + 200 * _inBurst++ : heard + jitter * 1000;
        byte[] content = Content(_seed, _plan.Id, _role, _source, _index);
        Carry(arrives, ms, sender, receiver, content, payloadType: 8, _timestamp);
        // Where one of two sources is chosen late, or timestamps jump, a late packet may be the one that says where the rest stands.
        int tolerance = _plan.Fork is Fork.LoserSings or Fork.BothSing ? Math.Max(TakingOver, _plan.JitterMs * 8)
            : _hasJumped ? _plan.JitterMs * 8
            : _relay is null ? 0 : Relay.DelayUs / 125;
        bool isMoving = _times.Move != int.MaxValue && Math.Abs(ms - _times.Move) < MovingMs;
        var duty = isMoving && Duty(ms) == Truth.Duty.Must ? Truth.Duty.May : Duty(ms);
        _stage.Sent.Add(new SentPacket(_plan.Id, _role, _source, _index, Stage.SampleAt(heard), tolerance, duty, content));
    }

    /// <summary>By SIP: what comes after the BYE is taken for half a second, and belongs to nobody later.</summary>
    public static Duty UntilBye(CallTimes times, int ms) =>
        ms < times.Bye ? Truth.Duty.Must : ms <= times.Bye + Linger ? Truth.Duty.May : Truth.Duty.Nowhere;

    private void Carry(long us, int ms, PartyPlan sender, PartyPlan receiver, byte[] payload, byte payloadType, uint timestamp)
    {
        var (from, to) = (Wire(sender, ms, isCaller: _role == 0), Wire(receiver, ms, isCaller: _role == 1));
        if (_relay is null)
        {
            _stage.Udp(us, from, to, Rtp(payload, payloadType, timestamp, _ssrc));
            return;
        }

        var (near, far) = _role == 0 ? (_relay.TowardsCaller, _relay.TowardsCallee) : (_relay.TowardsCallee, _relay.TowardsCaller);
        _stage.Udp(us, from, Wire(near, ms, isCaller: false), Rtp(payload, payloadType, timestamp, _ssrc));
        _stage.Udp(us + Relay.DelayUs, Wire(far, ms, isCaller: false), to, Rtp(payload, payloadType, timestamp, _ssrc + 1));
    }

    private byte[] Rtp(byte[] content, byte payloadType, uint timestamp, uint ssrc)
    {
        var packet = new RtpPacket
        {
            SequenceNumber = new(_sequence),
            Timestamp = new(timestamp),
            Ssrc = new(ssrc),
            PayloadType = payloadType,
            Marker = _index == 0,
            Payload = content,
        };
        byte[] bytes = new byte[packet.Length];
        packet.WriteTo(bytes);
        return bytes;
    }

    private TransportAddress Wire(PartyPlan party, int ms, bool isCaller) =>
        Addresses.Of(party.Host, party.Port + (ms >= _times.Move ? 100 : 0) + (isCaller && ms >= _times.Rebind ? 7 : 0));
}
