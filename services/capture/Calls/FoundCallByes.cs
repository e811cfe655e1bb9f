using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>
/// BYEs of dialogs that nobody knows, for calls that were found by their media. Such a BYE names no address; but where it runs between the hosts of a found call, and that
/// call's media stops with it, it was that call's. On a trunk many calls have the same two hosts: those whose media goes on are not meant.
/// </summary>
internal sealed class FoundCallByes(CaptureOptions options)
{
    // The answer that makes a call of media that was found may come as late as this, and the BYE before it.
    private const long KeptNs = 200_000_000_000;
    private const int MostKept = 4096;

    private readonly long _lingerNs = (long)options.Linger.TotalNanoseconds;
    private readonly Queue<HeardBye> _kept = new();

    /// <summary>Somebody said BYE in a dialog that nobody knows.</summary>
    public void Note(HeardBye bye, IEnumerable<MirroredCall> calls)
    {
        while (_kept.TryPeek(out var oldest) && (oldest.TimeNs + KeptNs < bye.TimeNs || _kept.Count >= MostKept))
            _kept.Dequeue();
        _kept.Enqueue(bye);
        foreach (var call in calls)
            Note(bye, call);
    }

    /// <summary>A call was found at a time, and is known only now: it gets the BYEs since, as if sip-tracker had answered at once.</summary>
    public void NoteSince(long foundNs, MirroredCall call)
    {
        foreach (var bye in _kept)
            if (bye.TimeNs >= foundNs)
                Note(bye, call);
    }

    /// <summary>When a BYE ended a call: its media stopped with it, and a second has passed since. Null where none did.</summary>
    public long? EndOf(MirroredCall call, long nowNs) =>
        call.ByeNs is { } byeNs && nowNs >= byeNs + _lingerNs + CallByes.WithinNs ? byeNs : null;

    private static void Note(HeardBye bye, MirroredCall call)
    {
        if (call.IsFound && call.IsRunning && IsBetween(call, bye.From, bye.To))
            call.NoteBye(bye.TimeNs);
    }

    private static bool IsBetween(MirroredCall call, TransportAddress from, TransportAddress to) =>
        (IsHost(call, 0, from) && IsHost(call, 1, to)) || (IsHost(call, 1, from) && IsHost(call, 0, to));

    private static bool IsHost(MirroredCall call, int party, TransportAddress host) => call.Parties[party].All.Any(host.HasSameAddress);
}
