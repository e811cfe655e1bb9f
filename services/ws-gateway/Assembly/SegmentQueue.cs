using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>A stretch of samples: bytes of a chunk that <paramref name="Owner"/> keeps alive, or a copy of some, or silence.</summary>
internal readonly record struct Segment(long Position, long Samples, MediaBuffer? Owner, ReadOnlyMemory<byte> Audio)
{
    /// <summary>Where the copy lies, if it is one.</summary>
    public byte[]? Copy { get; init; }

    /// <summary>Nothing was heard here.</summary>
    public bool IsSilence => Audio.IsEmpty;

    public long End => Position + Samples;
}

/// <summary>A growing ring of segments, oldest first; it allocates only while it grows.</summary>
internal sealed class SegmentQueue
{
    private Segment[] _items = new Segment[4];
    private int _head;

    public int Count { get; private set; }

    public ref Segment this[int index] => ref _items[(_head + index) & (_items.Length - 1)];

    public void Append(in Segment segment)
    {
        Reserve();
        Count++;
        this[Count - 1] = segment;
    }

    public void Prepend(in Segment segment)
    {
        Reserve();
        _head = (_head - 1) & (_items.Length - 1);
        Count++;
        this[0] = segment;
    }

    /// <summary>Removes the oldest; its buffer is the caller's.</summary>
    public Segment RemoveFirst()
    {
        var first = this[0];
        this[0] = default;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        return first;
    }

    private void Reserve()
    {
        if (Count < _items.Length)
            return;
        var larger = new Segment[_items.Length * 2];
        for (int i = 0; i < Count; i++)
            larger[i] = this[i];
        _items = larger;
        _head = 0;
    }
}
