using CallMirror.Contracts.Calls;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>Opens a call's lanes, one a group of gateways, before its first media is announced, so that no chunk finds no lane.</summary>
internal sealed class CallLanes(IMediaBus media, IOptions<SipTrackerOptions> options)
{
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <summary>Opens them once a call; not while all its audio is encrypted, for then nothing would ever come.</summary>
    public async Task OpenAsync(MediaNegotiated negotiated, CancellationToken cancellationToken)
    {
        if (!negotiated.HasClearAudio() || _open.Contains(negotiated.CallId))
            return;
        foreach (string group in options.Value.LaneGroups)
            await media.OpenLaneAsync(group, negotiated.CallId, cancellationToken);
        _open.Add(negotiated.CallId);
    }

    /// <summary>The call is over; whoever owns a lane removes it when it has read to the end.</summary>
    public void Forget(string callId) => _open.Remove(callId);
}
