using System.Collections.Concurrent;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>Opens a call's lanes, one a group of gateways, before its first media is announced, so that no chunk finds no lane.</summary>
internal sealed class CallLanes(IMediaBus media, IOptions<SipTrackerOptions> options, CallLog log)
{
    private readonly ConcurrentDictionary<CallKey, bool> _open = [];

    /// <summary>Whether lanes have to be opened first; not while all its audio is encrypted, for then nothing would ever come.</summary>
    public bool Lacks(MediaNegotiated negotiated) => negotiated.HasClearAudio() && !_open.ContainsKey(CallKey.Of(negotiated));

    /// <summary>Opens them; false where that is to be tried again.</summary>
    public async Task<bool> TryOpenAsync(MediaNegotiated negotiated, CancellationToken cancellationToken)
    {
        var call = CallKey.Of(negotiated);
        try
        {
            foreach (string group in options.Value.LaneGroups)
                await media.OpenLaneAsync(group, call, cancellationToken);
            return _open[call] = true;
        }
#pragma warning disable CA1031 // Whatever the bus makes of a broken connection.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            log.NoLane(negotiated.CallId, e);
            return false;
        }
    }

    /// <summary>The call is over; whoever owns a lane removes it when it has read to the end.</summary>
    public void Forget(CallEnded ended)
    {
        if (CallKey.Names(ended))
            _open.TryRemove(CallKey.Of(ended), out _);
        else if (_open.Keys.Where(call => call.CallId == ended.CallId).OrderBy(call => call.EpochNs).LastOrDefault() is { CallId: not null } latest)
            _open.TryRemove(latest, out _);
    }
}
