using System.Collections.Concurrent;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Storage;

namespace CallMirror.WsSink.Calls;

/// <summary>Where a `start` belongs: the name under which it is stored, and the call where there is one of that name; or why nowhere.</summary>
internal readonly record struct Place(StreamName Name, Call? Call, Refusal Refusal)
{
    public static Place Refused(Refusal refusal) => new(default, null, refusal);
}

/// <summary>
/// Finds the stream that a `start` means. A stream that has not ended is gone on with. One that has ended is gone on with by who says
/// `resumes`; to others it is never touched: the same call sent once more is a second take, stored beside the first.
/// </summary>
internal sealed class StreamSearch(SinkFolder folder, ConcurrentDictionary<string, Call> live, Func<CallRecord, Call> takeUp)
{
    private const int MaxTakes = 1_000;

    public Place Find(StartFrame start) => (start.Resumes ? FindStored(start) : null) ?? FindOpenOrFree(start);

    private Place? FindStored(StartFrame start)
    {
        Place? found = null;
        var others = false;
        for (var take = 1; take <= MaxTakes; take++)
        {
            var name = start.Stream.Take(take);
            var call = FindCall(name.Call);
            if (call is null && IsFree(name))
                break;
            var rate = call is null ? null : Rate(call, name.Role);
            if (call is not null && Means(start, call) && rate == start.SampleRate)
                found = new Place(name, call, Refusal.None);
            else if (call is not null && (rate is not null || !Means(start, call)))
                others = true;
        }
        return found ?? (others ? Place.Refused(Refusal.ResumeMismatch) : null);
    }

    private Place FindOpenOrFree(StartFrame start)
    {
        for (var take = 1; take <= MaxTakes; take++)
        {
            var name = start.Stream.Take(take);
            var call = FindCall(name.Call);
            if (call is not null && !Means(start, call))
                continue;
            if (call?.Open(name.Role) is { } open && open.SampleRate == start.SampleRate)
                return open.HasSender ? Place.Refused(Refusal.StreamInUse) : new Place(name, call, Refusal.None);
            if (call?.Ended(name.Role) is { Complete: false } ended && ended.SampleRate == start.SampleRate)
                return new Place(name, call, Refusal.None);
            if ((call is null || Rate(call, name.Role) is null) && IsFree(name) && (call is not null || !File.Exists(folder.Sidecar(name.Call))))
                return new Place(name, call, Refusal.None);
        }
        return Place.Refused(Refusal.TooManyTakes);
    }

    // A Call-ID may be used again; the call that began at another time is another. Who does not say when it began means any.
    private static bool Means(StartFrame start, Call call) =>
        call.CallId == start.CallId && (start.StartedAt is null || call.StartedAt is null || start.StartedAt == call.StartedAt);

    private static int? Rate(Call call, int role) => call.Open(role)?.SampleRate ?? call.Ended(role)?.SampleRate;

    private bool IsFree(StreamName name) => folder.IsFree(name) && !live.ContainsKey(name.ToString());

    private Call? FindCall(string name)
    {
        if (live.TryGetValue(name, out var call))
            return call;
        return folder.ReadSidecar(name) is { } record ? takeUp(record) : null;
    }
}
