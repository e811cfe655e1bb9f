using CallMirror.Capture.Calls;
using CallMirror.Capture.Hearing;
using CallMirror.Capture.Sip;
using CallMirror.Capture.Unclaimed;
using CallMirror.Capture.Windows;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Engine;

/// <summary>
/// All that capture decides, without sockets, threads or clock: frames and call events go in, effects come out. Frames and events are applied
/// in the order in which they are given, and time is the packets' time, so the same input gives the same effects at any speed.
/// </summary>
public sealed class CaptureEngine
{
    // Two copies of a mirror, or two interfaces, are out of order by microseconds. More is a clock that was set, or another file.
    private const long MaxMisorderNs = 1_000_000_000;

    // The kernel hands a packet over some milliseconds after its time, on a busy machine later: while nothing comes, the clock decides nothing
    // that is nearer.
    private const long QuietLagNs = 250_000_000;

    // A machine that stood still has packets of before in its kernel, and its clock is far ahead of them: time goes on in steps, and they are
    // read between them.
    private const long QuietStepNs = 20_000_000;

    // An entry in the ring takes about as much memory as such a packet; G.711 of 20 ms has 172 bytes.
    private const int LeastUnclaimed = 128;

    // The calls' windows end one after the other, so that their messages don't come all at once.
    internal const int TicksInWindow = 10;

    private readonly CaptureCounters _counters = new();
    private readonly Queue<CaptureEffect> _effects = [];
    private readonly IpReassembler _fragments = new();
    private readonly SipTcpReassembler _tcp = new();
    private readonly SipIntake _sip;
    private readonly PendingAnswers _answers = new();
    private readonly HashSet<TransportAddress> _named = [];
    private readonly CallTable _calls;
    private readonly WindowCycle _cycle;
    private readonly UnclaimedPackets _unclaimed;
    private readonly UnclaimedPackets.Claimant _claim;
    private MirroredCall? _claiming;
    private readonly MediaFinder? _finder;
    private readonly long _tickNs;
    private long _tickEndNs = long.MinValue;

    // The newest packet's time, and the time before which all packets have come: that one, or the clock's, some way behind, while none comes.
    private long _packetNs = long.MinValue;
    private long _readNs = long.MinValue;

    /// <summary>An engine that has seen nothing yet.</summary>
    /// <param name="options">Windows, waits and bounds.</param>
    /// <param name="captureId">The name of this capture process.</param>
    /// <param name="source">Its number in media messages.</param>
    /// <param name="isFile">The frames come from a file: whatever it holds has an end.</param>
    public CaptureEngine(CaptureOptions options, string captureId, uint source, bool isFile = false)
    {
        _cycle = new WindowCycle(options.Window);
        _tickNs = Math.Max(1, (long)options.Window.TotalNanoseconds / TicksInWindow);
        var control = new ControlOrder(captureId);
        _sip = new SipIntake(control, _counters);
        _calls = new CallTable(options, source, control, _cycle, _counters, _effects, isFile);
        _claim = Claim;
        _unclaimed = new UnclaimedPackets(
            options.UnclaimedBytes, options.UnclaimedBytes / LeastUnclaimed, (long)options.UnclaimedFor.TotalNanoseconds, _counters);
        _finder = options.FindMedia ? new MediaFinder(options, control, _unclaimed, _counters) : null;
    }

    /// <summary>What became of the packets.</summary>
    public CaptureCounters Counters => _counters;

    /// <summary>The time that has been reached, in nanoseconds since the Unix epoch.</summary>
    public long NowNs { get; private set; } = long.MinValue;

    /// <summary>One media message a call and window; what has begun ends as it was begun.</summary>
    public TimeSpan Window
    {
        get => _cycle.Window;
        set => _cycle.SetWindow(value, Math.Max(0, NowNs));
    }

    /// <summary>Calls whose media is followed.</summary>
    public int CallCount => _calls.Count;

    /// <summary>What is heard of them, as far as it is known whose the packets are: a side that is silent for a span is not.</summary>
    internal CallsHeard Hear(TimeSpan span) => _calls.Hear(SettledNs(NowNs), (long)span.TotalNanoseconds);

    /// <summary>RTP packets that wait for their call.</summary>
    public int UnclaimedCount => _unclaimed.Count;

    /// <summary>There is something to carry out.</summary>
    public bool HasEffects => _effects.Count > 0;

    /// <summary>Takes the next effect; effects are carried out in their order.</summary>
    public bool TryTakeEffect(out CaptureEffect effect) => _effects.TryDequeue(out effect);

    /// <summary>
    /// Takes a captured frame. One that is out of order by less than a second counts as captured with the one before it;
    /// the clock changes no frame's time.
    /// </summary>
    public void Accept(LinkType link, ReadOnlySpan<byte> frame, long timeNs)
    {
        if (_packetNs != long.MinValue && timeNs < _packetNs - MaxMisorderNs)
            StepBack(timeNs);
        _packetNs = Math.Max(_packetNs, timeNs);
        Advance(_packetNs);
        AcceptFrame(link, frame, _packetNs);
    }

    private void AcceptFrame(LinkType link, ReadOnlySpan<byte> frame, long timeNs)
    {
        if (!FrameDissector.TryReadIp(link, frame, out var packet, out var error))
            CutFrames.Count(error, link, frame, _counters);
        else if (!packet.IsFragment)
            AcceptWhole(packet, timeNs);
        else if (_fragments.Add(packet, timeNs, out var whole) == FragmentResult.Complete)
            AcceptWhole(whole, timeNs);
        else
            _counters.Drop(CapturedKind.Fragment, DropReason.Fragment);
    }

    /// <summary>Time has come to <paramref name="nowNs"/>, and all packets before that have been taken: closes the windows that are over.</summary>
    public void Advance(long nowNs)
    {
        _readNs = Math.Max(_readNs, nowNs);
        MoveTo(nowNs);
    }

    /// <summary>
    /// There is nothing to read, and this is what the clock says. It closes windows, which is no more than to send what is there. What depends on
    /// time itself, such as silence, waits a little longer: a packet may still be on its way through the kernel.
    /// </summary>
    public void Tick(long clockNs)
    {
        long quietNs = clockNs - QuietLagNs;
        _readNs = _readNs == long.MinValue ? quietNs : Math.Max(_readNs, Math.Min(quietNs, _readNs + QuietStepNs));
        MoveTo(clockNs);
    }

    private void MoveTo(long nowNs)
    {
        if (nowNs <= NowNs)
            return;
        NowNs = nowNs;
        if (_answers.Count > 0)
            Settle();
        if (_tickEndNs != long.MinValue)
            CloseWindows(nowNs);
        if (_tickEndNs <= nowNs)
            _tickEndNs = TickEnd(nowNs);
    }

    /// <summary>Takes what was said of a call. Where a message of that call is unanswered, it counts at that message's place among the packets, once that is answered.</summary>
    public void Apply(CallEvent callEvent)
    {
        if (!_answers.TryKeep(callEvent))
            Carry(callEvent, SettledNs(_readNs));
    }

    /// <summary>
    /// sip-tracker has said all that follows from a SIP message, and from those before it of its call. Packets behind it that have waited are given to their calls
    /// now: an answer that comes late changes no byte.
    /// </summary>
    public void Answered(string callId, long sequence)
    {
        _answers.Answer(callId, sequence, NowNs);
        Settle();
    }

    /// <summary>Whether packets, or what was said of calls, wait for an answer of sip-tracker.</summary>
    public bool IsWaiting => _answers.Count > 0;

    /// <summary>No more packets come: every call that is up ends with <paramref name="reason"/>.</summary>
    public void Finish(EndReason reason)
    {
        _answers.AnswerAll();
        Settle();
        _calls.FinishAll(NowNs, reason);
        _unclaimed.DropAll();
    }

    private long TickEnd(long nowNs) => (nowNs / _tickNs + 1) * _tickNs;

    // Each call's at the most once: of a long silence the rest is nothing new.
    private void CloseWindows(long nowNs)
    {
        long lastNs = Math.Min(nowNs, _tickEndNs + (long)Window.TotalNanoseconds - 1);
        for (; _tickEndNs <= lastNs; _tickEndNs += _tickNs)
        {
            long settledNs = SettledNs(_tickEndNs);
            _calls.CloseWindows(_tickEndNs, settledNs);
            _unclaimed.Expire(settledNs);
        }
    }

    private void StepBack(long timeNs)
    {
        NowNs = _packetNs = _readNs = timeNs;
        _tickEndNs = TickEnd(timeNs);
    }

    private void AcceptWhole(in IpPacket packet, long timeNs)
    {
        if (!FrameDissector.TryReadTransport(packet, out var datagram, out _))
            _counters.Drop(CapturedKind.Unreadable, DropReason.NotReadable);
        else if (datagram.Transport == Transport.Udp)
            AcceptUdp(datagram, timeNs);
        else
            AcceptTcp(datagram, timeNs);
    }

    private void AcceptUdp(in Datagram datagram, long timeNs)
    {
        switch (RtpClassifier.Classify(datagram.Payload))
        {
            case PacketKind.Rtp:
                _counters.SawRtp(datagram.Payload[1]);
                AcceptRtp(new MediaPath(datagram.Source, datagram.Destination), datagram.Payload, timeNs);
                break;
            case PacketKind.Rtcp:
                _counters.Drop(CapturedKind.Rtcp, DropReason.Rtcp);
                break;
            default:
                _counters.Saw(SipRecognizer.LooksLikeSip(datagram.Payload) ? CapturedKind.Sip : CapturedKind.Other);
                AcceptOther(datagram, timeNs);
                break;
        }
    }

    private void AcceptOther(in Datagram datagram, long timeNs)
    {
        if (!SipRecognizer.LooksLikeSip(datagram.Payload))
            _counters.Drop(DropReason.NotSipOrRtp);
        else if (_sip.Accept(datagram, timeNs) is { } message)
            Send(message, timeNs);
    }

    private void Send(SipMessageCaptured message, long timeNs)
    {
        _effects.Enqueue(CaptureEffect.Of(message));
        var bye = HeardBye.Of(message, timeNs);
        // Whether its dialog is a call that is known may be said by an answer that is still to come.
        bool isOpen = _answers.Has(message.CallId);
        if (bye is not null && !isOpen)
            _calls.Bye(bye);
        _calls.Suspend(message.CallId);
        _named.Clear();
        NamedAddresses.Read(message, _named);
        Await(message.CallId, message.Sequence, timeNs, isOpen ? bye : null);
    }

    private void Send(MediaFound found, in MediaPath path, long timeNs)
    {
        _effects.Enqueue(CaptureEffect.Of(found));
        _named.Clear();
        _named.UnionWith([path.Source, path.Destination]);
        Await(found.CallId, found.Sequence, timeNs);
    }

    private void Await(string callId, long sequence, long timeNs, HeardBye? bye = null)
    {
        foreach (var address in _named)
            _calls.Suspend(address);
        _answers.Add(callId, sequence, timeNs, _unclaimed.Added, bye);
    }

    private void AcceptTcp(in Datagram segment, long timeNs)
    {
        _counters.Saw(CapturedKind.Tcp);
        if (_tcp.Add(segment, timeNs) == TcpResult.NotSip)
            _counters.Drop(DropReason.NotSipOrRtp);
        while (_tcp.TryRead(out var message))
            AcceptOther(message, timeNs);
    }

    private void AcceptRtp(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (_calls.Packets.TryAcceptAtOnce(path, payload, timeNs))
            return;
        if (_answers.Count == 0)
        {
            Decide(path, payload, timeNs);
            return;
        }

        // What comes behind it at either end must not overtake it.
        _calls.Suspend(path.Source);
        _calls.Suspend(path.Destination);
        _unclaimed.AddUndecided(path, payload, timeNs);
    }

    private void Decide(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (_calls.Packets.TryAccept(path, payload, timeNs, isLatest: true))
            return;
        _unclaimed.Add(path, payload, timeNs);
        Watch(path, payload, timeNs);
    }

    private void Watch(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (_finder?.Watch(path, payload, timeNs) is { } found)
            Send(found, path, timeNs);
    }

    // Up to when all packets have been read, and it is known what sip-tracker has said.
    private long SettledNs(long nowNs)
    {
        long readNs = Math.Min(nowNs, _readNs);
        return _answers.Oldest is { } oldest ? Math.Min(readNs, oldest.TimeNs) : readNs;
    }

    // Goes through packets and answers in the order in which they were captured, as far as answers have come.
    private void Settle()
    {
        do
            DecideUpTo(_answers.Oldest?.PacketsBefore ?? long.MaxValue);
        while (TryCarryAnswer());
    }

    private bool TryCarryAnswer()
    {
        if (!_answers.TryTakeAnswered(NowNs, out var question))
            return false;
        if (question!.Bye is { } bye)
            _calls.Bye(bye);
        foreach (var callEvent in question.Events)
            Carry(callEvent, question.TimeNs);
        return true;
    }

    private void DecideUpTo(long number)
    {
        while (_unclaimed.TryPeekUndecided(number, out var path, out var payload, out long timeNs))
        {
            bool isTaken = _calls.Packets.TryAccept(path, payload, timeNs, isLatest: false);
            _unclaimed.Decide(isTaken);
            if (!isTaken)
                Watch(path, payload, timeNs);
        }
    }

    private void Carry(CallEvent callEvent, long nowNs)
    {
        switch (callEvent)
        {
            case MediaNegotiated negotiated:
                Carry(negotiated, nowNs);
                break;
            case CallAnswered answered:
                _calls.Answer(answered);
                break;
            case CallHeld held:
                _calls.Hold(held);
                break;
            case CallResumed resumed:
                _calls.Resume(resumed);
                break;
            case CallEnded ended:
                _calls.End(ended, nowNs);
                break;
        }
    }

    private void Carry(MediaNegotiated negotiated, long nowNs)
    {
        _claiming = _calls.Negotiate(negotiated, nowNs);
        if (_claiming is not null)
            _unclaimed.Claim(_claiming.Addresses, nowNs, _claim);
    }

    private bool Claim(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs) => _calls.Packets.TryClaim(_claiming!, path, payload, timeNs);
}
