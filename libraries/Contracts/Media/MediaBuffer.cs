namespace CallMirror.Contracts.Media;

/// <summary>
/// A growing pooled buffer for one message. Whoever holds a reference may read it; the last <see cref="Dispose"/> gives the memory back.
/// </summary>
public sealed class MediaBuffer : IDisposable
{
    private const int InitialBytes = 4096;

    private static readonly MediaSlabs Slabs = new();

    private LentMemory _run;
    private int _references = 1;

    /// <summary>An empty buffer, with one reference.</summary>
    public MediaBuffer(int capacity = InitialBytes) => _run = Slabs.Lend(capacity);

    /// <summary>Bytes of memory that it takes.</summary>
    public int LentBytes => Run.Length;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written.</summary>
    public ReadOnlyMemory<byte> Memory => Run.Array.AsMemory(Run.Offset, Length);

    /// <summary>What has been written, to change in place.</summary>
    public Span<byte> Span => Run.Array.AsSpan(Run.Offset, Length);

    /// <summary>
    /// The W3C trace context that the message travels with, outside its bytes; null for all but the few that are traced (<see cref="Tracing.CallTrace"/>).
    /// </summary>
    public string? TraceParent { get; set; }

    private LentMemory Run => _run.Array is not null ? _run : throw new ObjectDisposedException(nameof(MediaBuffer));

    /// <summary>Appends <paramref name="count"/> bytes of unspecified content and returns them to be filled.</summary>
    public Span<byte> Append(int count)
    {
        var run = Run;
        if (run.Length - Length < count)
            run = Grow(count);
        Length += count;
        return run.Array.AsSpan(run.Offset + Length - count, count);
    }

    /// <summary>Empties the buffer, so that it can be filled again.</summary>
    public void Clear() => Length = 0;

    /// <summary>Takes one more reference.</summary>
    public MediaBuffer AddReference()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _references) <= 1, this);
        return this;
    }

    /// <summary>Gives one reference back.</summary>
    public void Dispose()
    {
        int left = Interlocked.Decrement(ref _references);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left > 0)
            return;
        Slabs.TakeBack(Run);
        _run = default;
    }

    private LentMemory Grow(int count)
    {
        var larger = Slabs.Lend(Math.Max(_run.Length * 2, Length + count));
        Span.CopyTo(larger.Array.AsSpan(larger.Offset));
        Slabs.TakeBack(_run);
        return _run = larger;
    }
}
