using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>The events of a stream in order of position: those sent that may have to be sent again, then those that wait.</summary>
internal sealed class EventQueue
{
    private const int MaxEvents = 4096;

    private readonly List<StreamEvent> events = [];
    private int next;
    private int flushed;

    /// <summary>Events dropped because <see cref="MaxEvents"/> waited.</summary>
    public long Dropped { get; private set; }

    public bool TryPeek(out MediaMark mark)
    {
        bool any = next < events.Count;
        mark = any ? events[next].Mark : default;
        return any;
    }

    /// <summary>Takes the next event, sent when everything before <paramref name="cursor"/> has been.</summary>
    public MediaMark Take(long cursor)
    {
        events[next] = events[next] with { SentAt = cursor };
        return events[next++].Mark;
    }

    public void Append(in MediaMark mark)
    {
        if (events.Count - next >= MaxEvents)
        {
            Dropped++;
            return;
        }

        int index = events.Count;
        while (index > next && events[index - 1].Mark.Position > mark.Position)
            index--;
        events.Insert(index, new StreamEvent(mark, long.MaxValue));
        Trim();
    }

    /// <summary>Puts an event before all others that wait.</summary>
    public void InsertNext(in MediaMark mark) => events.Insert(next, new StreamEvent(mark, long.MaxValue));

    public void MarkFlushed() => flushed = next;

    /// <summary>
    /// Goes back to what has to be sent again: what never reached the socket, and for a listener that acknowledges whatever it may have read
    /// after its last acknowledged sample. It may see one twice then, at the same position, but misses none.
    /// </summary>
    public void Rewind(long position, bool acknowledges)
    {
        next = Math.Min(flushed, events.Count);
        while (acknowledges && next > 0 && events[next - 1].SentAt >= position)
            next--;
        flushed = next;
    }

    public void Clear()
    {
        events.Clear();
        next = flushed = 0;
    }

    private void Trim()
    {
        int excess = Math.Min(events.Count - MaxEvents, flushed);
        if (excess <= 0)
            return;
        events.RemoveRange(0, excess);
        next -= excess;
        flushed -= excess;
    }
}
