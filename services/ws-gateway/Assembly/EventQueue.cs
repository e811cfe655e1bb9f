using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>The events of a stream in order of position: those sent that may have to be sent again, then those that wait.</summary>
internal sealed class EventQueue
{
    private const int MaxEvents = 4096;

    private readonly List<StreamEvent> _events = [];
    private int _next;
    private int _flushed;

    /// <summary>Events dropped because <see cref="MaxEvents"/> waited.</summary>
    public long Dropped { get; private set; }

    public bool TryPeek(out MediaMark mark)
    {
        bool any = _next < _events.Count;
        mark = any ? _events[_next].Mark : default;
        return any;
    }

    /// <summary>Takes the next event, sent when everything before <paramref name="cursor"/> has been.</summary>
    public MediaMark Take(long cursor)
    {
        _events[_next] = _events[_next] with { SentAt = cursor };
        return _events[_next++].Mark;
    }

    public void Append(in MediaMark mark)
    {
        if (_events.Count - _next >= MaxEvents)
        {
            Dropped++;
            return;
        }

        int index = _events.Count;
        while (index > _next && _events[index - 1].Mark.Position > mark.Position)
            index--;
        _events.Insert(index, new StreamEvent(mark, long.MaxValue));
        Trim();
    }

    /// <summary>Puts an event before all others that wait.</summary>
    public void InsertNext(in MediaMark mark) => _events.Insert(_next, new StreamEvent(mark, long.MaxValue));

    public void MarkFlushed() => _flushed = _next;

    /// <summary>
    /// Goes back to what has to be sent again: what never reached the socket, and for a listener that acknowledges whatever it may have read
    /// after its last acknowledged sample. It may see one twice then, at the same position, but misses none.
    /// </summary>
    public void Rewind(long position, bool acknowledges)
    {
        _next = Math.Min(_flushed, _events.Count);
        while (acknowledges && _next > 0 && _events[_next - 1].SentAt >= position)
            _next--;
        _flushed = _next;
    }

    public void Clear()
    {
        _events.Clear();
        _next = _flushed = 0;
    }

    private void Trim()
    {
        int excess = Math.Min(_events.Count - MaxEvents, _flushed);
        if (excess <= 0)
            return;
        _events.RemoveRange(0, excess);
        _next -= excess;
        _flushed -= excess;
    }
}
