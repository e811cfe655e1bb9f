using System.Text;
using CallMirror.Capture.Engine;
using CallMirror.Capture.Hearing;
using CallMirror.Capture.Streams;
using CallMirror.Capture.Windows;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>The calls whose media is followed: takes their packets, closes their windows, ends them. A call is Call-ID and epoch.</summary>
internal sealed class CallTable
{
    // Well within the half minute for which a call is kept without.
    private const long RunningPeriodNs = 10_000_000_000;

    private readonly long _maxAhead;
    private readonly CaptureOptions _options;
    private readonly uint _source;
    private readonly ControlOrder _control;
    private readonly CaptureCounters _counters;
    private readonly Queue<CaptureEffect> _effects;
    private readonly CallNames _calls = new();
    private readonly CallWindows _windows;
    private readonly List<MirroredCall> _due = [];
    private readonly List<MirroredCall> _finished = [];
    private readonly MediaRoutes _routes = new();
    private readonly CallEnds _ends;
    private long _order;

    public CallTable(
        CaptureOptions options, uint source, ControlOrder control, WindowCycle cycle, CaptureCounters counters,
        Queue<CaptureEffect> effects, bool isFile)
    {
        _maxAhead = isFile ? StretchClock.FileAhead : StretchClock.LiveAhead;
        (_options, _source, _control, _counters, _effects) = (options, source, control, counters, effects);
        _windows = new CallWindows(cycle);
        _ends = new CallEnds(options, _routes, effects, isFile);
        Packets = new CallPackets(_routes, _ends, counters);
    }

    public int Count => _calls.Count;

    /// <summary>What is heard of the calls that are up, where a side that is silent for a span is not.</summary>
    public CallsHeard Hear(long nowNs, long spanNs)
    {
        var (up, bySip) = (0, 0);
        Span<int> sides = stackalloc int[(int)HeardSides.None + 1];
        foreach (var call in _calls.All)
        {
            if (!call.IsRunning)
                continue;
            up++;
            bySip += call.IsFound ? 0 : 1;
            sides[(int)call.SidesAt(nowNs, spanNs)]++;
        }

        return new CallsHeard(up, bySip, sides[(int)HeardSides.Both], sides[(int)HeardSides.One], sides[(int)HeardSides.None]);
    }

    /// <summary>Gives packets to the calls.</summary>
    public CallPackets Packets { get; }

    /// <summary>
    /// Takes over what was negotiated; null where that can't be followed. Whatever had waited too long by now is settled under the old
    /// meaning of the payload types, wherever the window ends.
    /// </summary>
    public MirroredCall? Negotiate(MediaNegotiated negotiated, long nowNs)
    {
        var call = _calls.Find(negotiated);
        bool begins = call is null;
        if (call is null && (call = TryAdd(negotiated, nowNs)) is null)
            return null;
        if (negotiated.SipCallId is { } sipCallId)
            _calls.Rename(call, sipCallId);
        Advance(call, nowNs);
        foreach (var stream in negotiated.Streams)
            if (stream.Role is < 0 or > 1)
                _counters.Drop(DropReason.BadCallEvent);
        if (call.TryNegotiate(negotiated))
            _routes.Announce(call);
        if (begins && call.IsFound)
            _ends.Begin(call, nowNs);
        return call;
    }

    public void Answer(CallAnswered answered) => _calls.Find(answered)?.Answer(answered.At);

    public void Hold(CallHeld held)
    {
        if (_calls.Find(held) is { } call)
            call.Mark(MarkKind.Hold, held.By, CaptureTime.ToNanoseconds(held.At));
    }

    public void Resume(CallResumed resumed)
    {
        if (_calls.Find(resumed) is { } call)
            call.Mark(MarkKind.Resume, resumed.By, CaptureTime.ToNanoseconds(resumed.At));
    }

    public void End(CallEnded ended, long nowNs)
    {
        if (_calls.Find(ended) is not { } call)
            return;
        Advance(call, nowNs);
        _ends.End(call, CaptureTime.ToNanoseconds(ended.At), ended.Reason);
    }

    /// <summary>Until sip-tracker has answered a message of a call, it is not known what the call's next packets are.</summary>
    public void Suspend(string callId)
    {
        if (_calls.Latest(callId) is { } call)
            _routes.Suspend(call);
    }

    /// <summary>Until it is known whose the packets at an address are, none is given away.</summary>
    public void Suspend(TransportAddress address) => _routes.Suspend(address);

    /// <summary>Somebody said BYE between two hosts.</summary>
    public void Bye(HeardBye bye)
    {
        if (_calls.Latest(bye.CallId) is null)
            _ends.Bye(bye, _calls.All);
    }

    /// <summary>The windows of some calls are over: one message for each that has something to say, and the last one for those that have ended.</summary>
    /// <param name="nowNs">Packets' time.</param>
    /// <param name="settledNs">Up to when it is known what sip-tracker has said: nothing after it is silent for certain, late, or over.</param>
    public void CloseWindows(long nowNs, long settledNs)
    {
        _windows.TakeOver(nowNs, _due);
        foreach (var call in _due)
            CloseWindow(call, settledNs);
        _due.Clear();
        Finish();
    }

    /// <summary>The capture is over.</summary>
    public void FinishAll(long nowNs, EndReason reason)
    {
        foreach (var call in _calls.All)
        {
            _ends.EndIfSilent(call, nowNs);
            call.End(nowNs, reason);
            _finished.Add(call);
        }

        Finish();
    }

    private void CloseWindow(MirroredCall call, long settledNs)
    {
        _ends.EndIfSilent(call, settledNs);
        Advance(call, settledNs);
        TellRunning(call);
        if (!call.IsTakenAt(settledNs))
            _finished.Add(call);
        else if (call.Write(_source, last: false) is { } batch)
            Send(call, batch);
    }

    // No timer of SIP ends a call whose media runs; of one that was found there are none.
    private void TellRunning(MirroredCall call)
    {
        if (call.IsFound || !call.IsRunning || call.LastMediaNs - call.ToldRunningNs < RunningPeriodNs)
            return;
        call.ToldRunningNs = call.LastMediaNs;
        _effects.Enqueue(CaptureEffect.Of(new MediaRunning
        {
            CaptureId = _control.CaptureId,
            Sequence = _control.Next(),
            CallId = call.CallId,
            StartedAt = CaptureTime.ToDateTime(call.EpochNs),
            At = CaptureTime.ToDateTime(call.LastMediaNs),
            AnswerRequested = true,
        }));
    }

    private static void Advance(MirroredCall call, long settledNs) => call.Advance(settledNs);

    private MirroredCall? TryAdd(MediaNegotiated negotiated, long nowNs)
    {
        if (_ends.HasEnded(negotiated))
            return null;
        byte[] callId = Encoding.UTF8.GetBytes(negotiated.CallId);
        bool fits = callId.Length <= MediaLayout.MaxCallIdBytes;
        if (!fits || _calls.Count >= _options.MaxCalls)
        {
            _counters.Drop(fits ? DropReason.TooManyCalls : DropReason.BadCallEvent);
            return null;
        }

        var call = new MirroredCall(negotiated, nowNs, callId, ++_order, _options, _counters, _maxAhead);
        _calls.Add(call);
        _windows.Add(call, nowNs);
        return call;
    }

    private void Finish()
    {
        if (_finished.Count == 0)
            return;
        foreach (var call in _finished)
            Finish(call);
        _windows.Remove(_finished);
        _finished.Clear();
    }

    private void Finish(MirroredCall call)
    {
        call.Finish();
        Send(call, call.Write(_source, last: true)!);
        foreach (var quality in call.Quality())
            _effects.Enqueue(CaptureEffect.Of(quality, call.EpochNs, call.Streams[quality.Role].FirstPacketNs));
        _effects.Enqueue(CaptureEffect.Of(call.Figures()));
        _routes.Remove(call);
        _calls.Remove(call);
    }

    private void Send(MirroredCall call, MediaBuffer batch)
    {
        _counters.Batches++;
        _effects.Enqueue(CaptureEffect.Of(call.CallId, batch));
    }
}
