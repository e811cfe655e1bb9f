namespace CallMirror.Contracts.Media;

/// <summary>
/// A growing pooled buffer for one message. Whoever holds a reference may read it; the last <see cref="Dispose"/> gives the memory back.
/// </summary>
public sealed class MediaBuffer : IDisposable
{
    private const int InitialBytes = 4096;

    private static readonly MediaArrays Arrays = new();

    private byte[]? _bytes;
    private int _references = 1;

    /// <summary>An empty buffer, with one reference.</summary>
    public MediaBuffer(int capacity = InitialBytes) => _bytes = Arrays.Rent(capacity);

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What has been written.</summary>
    public ReadOnlyMemory<byte> Memory => Bytes.AsMemory(0, Length);

    /// <summary>What has been written, to change in place.</summary>
    public Span<byte> Span => Bytes.AsSpan(0, Length);

    /// <summary>
    /// The W3C trace context that the message travels with, outside its bytes; null for all but the few that are traced (<see cref="Tracing.CallTrace"/>).
    /// </summary>
    public string? TraceParent { get; set; }

    private byte[] Bytes => _bytes ?? throw new ObjectDisposedException(nameof(MediaBuffer));

    /// <summary>Appends <paramref name="count"/> bytes of unspecified content and returns them to be filled.</summary>
    public Span<byte> Append(int count)
    {
        byte[] current = Bytes;
        if (current.Length - Length < count)
            current = Grow(count);
        Length += count;
        return current.AsSpan(Length - count, count);
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
        Arrays.Return(Bytes);
        _bytes = null;
    }

    private byte[] Grow(int count)
    {
        byte[] larger = Arrays.Rent(Math.Max(Bytes.Length * 2, Length + count));
        Span.CopyTo(larger);
        Arrays.Return(Bytes);
        _bytes = larger;
        return larger;
    }
}
