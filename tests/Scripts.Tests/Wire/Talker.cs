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

    public Talker(CallPlan plan, Stage stage, int seed, int role, int source, int lagMs)
    {
        (_plan, _stage, _seed, _role, _source, _lagMs, _times) = (plan, stage, seed, role, source, lagMs, new CallTimes(plan));
        _events = source == 0 ? plan.MediaEvents.Where(each => each.Role == role).DistinctBy(each => each.AtPacket).ToDictionary(each => each.AtPacket) : [];
        var dice = Dice.Of(seed, plan.Id, role, source);
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
                ms += Happen(happens, ms);
            int moved = ms >= _times.Move ? 100 : 0;
            Send(ms, Wire(sender.MovedBy(moved)), Wire(receiver.MovedBy(moved)));
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
    private int Happen(MediaEvent happens, int ms)
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
            default:
                if (happens.Kind == MediaEventKind.Pause)
                    _timestamp += (uint)happens.Amount * 8;
                _punctual = PunctualPackets;
                return happens.Amount;
        }
    }

    private void Send(int ms, TransportAddress from, TransportAddress to)
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
        _stage.Udp(arrives, from, to, Rtp(content));
        // Where one of two sources is chosen late, or timestamps jump, a late packet may be the one that says where the rest stands.
        int tolerance = _hasJumped || _plan.Fork is Fork.LoserSings or Fork.BothSing ? _plan.JitterMs * 8 : 0;
        var duty = Math.Abs(ms - _times.Move) < MovingMs && _times.Move != int.MaxValue && Duty(ms) == Truth.Duty.Must ? Truth.Duty.May : Duty(ms);
        _stage.Sent.Add(new SentPacket(_plan.Id, _role, _source, _index, Stage.SampleAt(heard), tolerance, duty, content));
    }

    /// <summary>By SIP: what comes after the BYE is taken for half a second, and belongs to nobody later.</summary>
    public static Duty UntilBye(CallTimes times, int ms) =>
        ms < times.Bye ? Truth.Duty.Must : ms <= times.Bye + Linger ? Truth.Duty.May : Truth.Duty.Nowhere;

    private byte[] Rtp(byte[] content)
    {
        var packet = new RtpPacket
        {
            SequenceNumber = new(_sequence),
            Timestamp = new(_timestamp),
            Ssrc = new(_ssrc),
            PayloadType = 8,
            Marker = _index == 0,
            Payload = content,
        };
        byte[] bytes = new byte[packet.Length];
        packet.WriteTo(bytes);
        return bytes;
    }

    private static TransportAddress Wire(PartyPlan party) => Addresses.Of(party.Host, party.Port);
}
