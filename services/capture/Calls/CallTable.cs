using System.Text;
using CallMirror.Capture.Engine;
using CallMirror.Capture.Sip;
using CallMirror.Capture.Windows;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>The calls whose media is followed: takes their packets, closes their windows, ends them.</summary>
internal sealed class CallTable(
    CaptureOptions options, uint source, WindowCycle cycle, UnansweredSip unanswered, CaptureCounters counters, Queue<CaptureEffect> effects)
{
    private readonly Dictionary<string, MirroredCall> _calls = new(StringComparer.Ordinal);
    private readonly List<MirroredCall> _finished = [];
    private readonly MediaRoutes _routes = new();
    private readonly long _reorderWaitNs = (long)options.ReorderWait.TotalNanoseconds;
    private readonly long _lingerNs = (long)options.Linger.TotalNanoseconds;
    private readonly long _mediaTimeoutNs = (long)options.MediaTimeout.TotalNanoseconds;
    private readonly long _foundMediaTimeoutNs = (long)options.FoundMediaTimeout.TotalNanoseconds;
    private long _order;

    public int Count => _calls.Count;

    /// <summary>
    /// Takes over what was negotiated; null where that can't be followed. Whatever had waited too long by now is settled under the old
    /// meaning of the payload types, wherever the window ends.
    /// </summary>
    public MirroredCall? Negotiate(MediaNegotiated negotiated, long nowNs)
    {
        if (!_calls.TryGetValue(negotiated.CallId, out var call))
            call = TryAdd(negotiated, nowNs);
        if (call is null)
            return null;
        Advance(call, nowNs);
        foreach (var stream in negotiated.Streams)
            Negotiate(call, stream);
        return call;
    }

    public void Hold(CallHeld held)
    {
        if (_calls.TryGetValue(held.CallId, out var call))
            call.Mark(MarkKind.Hold, held.By, CaptureTime.ToNanoseconds(held.At));
    }

    public void Resume(CallResumed resumed)
    {
        if (_calls.TryGetValue(resumed.CallId, out var call))
            call.Mark(MarkKind.Resume, resumed.By, CaptureTime.ToNanoseconds(resumed.At));
    }

    public void End(CallEnded ended, long nowNs)
    {
        if (!_calls.TryGetValue(ended.CallId, out var call))
            return;
        Advance(call, nowNs);
        End(call, CaptureTime.ToNanoseconds(ended.At), ended.Reason);
    }

    /// <summary>Gives a packet to its call; false where no call claims it.</summary>
    public bool TryAccept(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!TryFind(path, timeNs, out var route))
            return false;
        if (!RtpPacket.TryParse(payload, out var packet, out _))
        {
            counters.Drop(DropReason.BadRtp);
            return true;
        }

        counters.Rtp++;
        route.Call.Accept(route.Role, packet, timeNs);
        return true;
    }

    /// <summary>The windows of some calls are over: one message for each that has something to say, and the last one for those that have ended.</summary>
    public void CloseWindows(long nowNs)
    {
        long now = cycle.At(nowNs);
        foreach (var call in _calls.Values)
            if (call.Window.IsOver(now))
                CloseWindow(call, nowNs);
        foreach (var call in _finished)
            Finish(call);
        _finished.Clear();
    }

    /// <summary>The capture is over.</summary>
    public void FinishAll(long nowNs, EndReason reason)
    {
        foreach (var call in _calls.Values)
        {
            EndIfSilent(call, nowNs);
            call.End(nowNs, reason);
            _finished.Add(call);
        }

        foreach (var call in _finished)
            Finish(call);
        _finished.Clear();
    }

    private void CloseWindow(MirroredCall call, long nowNs)
    {
        EndIfSilent(call, nowNs);
        Advance(call, nowNs);
        if (!call.IsRunning && call.EndedNs + _lingerNs < nowNs)
            _finished.Add(call);
        else if (call.Write(source, last: false) is { } batch)
            Send(call, batch);
    }

    // Nothing can be declared silent beyond what is known of what SIP has said.
    private void Advance(MirroredCall call, long nowNs) => call.Advance(nowNs, unanswered.KnownUntil(call.CallId, nowNs));

    private MirroredCall? TryAdd(MediaNegotiated negotiated, long nowNs)
    {
        byte[] callId = Encoding.UTF8.GetBytes(negotiated.CallId);
        bool fits = callId.Length <= MediaLayout.MaxCallIdBytes;
        if (!fits || _calls.Count >= options.MaxCalls)
        {
            counters.Drop(fits ? DropReason.TooManyCalls : DropReason.BadCallEvent);
            return null;
        }

        var call = new MirroredCall(negotiated, nowNs, callId, ++_order, _reorderWaitNs, counters)
        {
            Window = new CallWindow(_order, cycle.At(nowNs)),
        };
        _calls.Add(call.CallId, call);
        return call;
    }

    private void Negotiate(MirroredCall call, NegotiatedStream stream)
    {
        if (stream.Role is < 0 or > 1)
        {
            counters.Drop(DropReason.BadCallEvent);
            return;
        }

        call.Negotiate(stream);
        Announce(call, stream.Role, stream.Sender);
        Announce(call, 1 - stream.Role, stream.Receiver);
    }

    // Whether a call is over is said by packets' time, not by the window that happens to close it; then its addresses go to the next.
    private bool TryFind(in MediaPath path, long timeNs, out MediaRoute route)
    {
        while (_routes.TryFind(path, out route))
        {
            EndIfSilent(route.Call, timeNs);
            if (route.Call.IsRunning || timeNs <= route.Call.EndedNs + _lingerNs)
                return true;
            _routes.Remove(route.Call);
        }

        return false;
    }

    private void EndIfSilent(MirroredCall call, long nowNs)
    {
        long endNs = call.LastMediaNs + (call.IsFound ? _foundMediaTimeoutNs : _mediaTimeoutNs);
        if (!call.IsRunning || endNs > nowNs)
            return;
        End(call, endNs, EndReason.MediaTimeout);
        if (call.IsFound)
            effects.Enqueue(CaptureEffect.Of(new CallEnded { CallId = call.CallId, StartedAt = CaptureTime.ToDateTime(call.EpochNs), At = CaptureTime.ToDateTime(endNs), Reason = EndReason.MediaTimeout }, call.EpochNs));
    }

    private void End(MirroredCall call, long timeNs, EndReason reason)
    {
        call.End(timeNs, reason);
        _routes.Demote(call);
    }

    private void Finish(MirroredCall call)
    {
        call.Finish();
        Send(call, call.Write(source, last: true)!);
        foreach (var quality in call.Quality())
            effects.Enqueue(CaptureEffect.Of(quality, call.EpochNs, call.Streams[quality.Role].FirstPacketNs));
        effects.Enqueue(CaptureEffect.Of(call.Figures()));
        _routes.Remove(call);
        _calls.Remove(call.CallId);
    }

    private void Send(MirroredCall call, MediaBuffer batch)
    {
        counters.Batches++;
        effects.Enqueue(CaptureEffect.Of(call.CallId, batch));
    }

    private void Announce(MirroredCall call, int party, string? address)
    {
        if (address is not null && TransportAddress.TryParse(address, out var parsed) && !parsed.IsUnspecified && parsed.Port != 0)
            _routes.Announce(call, party, parsed);
    }
}
