using System.Buffers;

namespace CallMirror.Protocols.Packets;

/// <summary>What became of a TCP segment given to a <see cref="SipTcpReassembler"/>.</summary>
public enum TcpResult
{
    /// <summary>Its bytes are the next ones: there may be messages to read.</summary>
    InOrder,

    /// <summary>Kept until what is missing before it comes.</summary>
    Waiting,

    /// <summary>A retransmission or a mirror's second copy; ignored.</summary>
    Duplicate,

    /// <summary>Too much came behind a gap: the gap is given up, there may be messages to read.</summary>
    GapSkipped,

    /// <summary>It begins a connection or carries no bytes.</summary>
    NoPayload,

    /// <summary>It belongs to no known SIP connection and doesn't begin with a SIP message.</summary>
    NotSip,
}

/// <summary>One direction of a TCP connection: puts its segments in order and feeds them to a <see cref="SipTcpStream"/>.</summary>
internal sealed class TcpDirection
{
    private const int MaxHeldSegments = 64;
    private const int MaxHeldBytes = 128 * 1024;

    /// <summary>Farther away than any SIP peer's window: another connection with the same ports.</summary>
    private const int Window = 1 << 20;

    private readonly List<Held> _held = [];
    private readonly SipTcpStream _stream;
    private TcpSequence _next;
    private int _heldBytes;
    private long _gapSinceNs;

    public TcpDirection(TcpSequence next, int maxMessageLength)
    {
        Start = _next = next;
        _stream = new SipTcpStream(maxMessageLength);
        Node = new LinkedListNode<TcpDirection>(this);
    }

    /// <summary>Where it began: a SYN that says the same is a copy, one that doesn't is a new connection.</summary>
    public TcpSequence Start { get; }

    public required TransportAddress Source { get; init; }

    public required TransportAddress Destination { get; init; }

    public LinkedListNode<TcpDirection> Node { get; }

    public long LastSeenNs { get; set; }

    /// <summary>It waits in the reassembler's queue of those that have something to read.</summary>
    public bool IsReady { get; set; }

    public bool IsLost => _stream.IsLost;

    public int HeldBytes => _stream.Capacity + _heldBytes;

    public bool IsFar(TcpSequence sequence) => Math.Abs((long)(sequence - _next)) > Window;

    public bool TryRead(out ReadOnlySpan<byte> message) => _stream.TryRead(out message);

    public TcpResult Add(TcpSequence sequence, ReadOnlySpan<byte> payload, long nowNs)
    {
        int ahead = sequence - _next;
        if (ahead > 0)
            return Hold(sequence, payload, nowNs);
        if (-ahead >= payload.Length)
            return TcpResult.Duplicate;
        Deliver(payload[-ahead..]);
        DeliverHeld(nowNs);
        return TcpResult.InOrder;
    }

    /// <summary>Goes on behind a gap that is older than <paramref name="patienceNs"/>; true where there was one.</summary>
    public bool SkipOldGap(long nowNs, long patienceNs)
    {
        if (_held.Count == 0 || nowNs - _gapSinceNs <= patienceNs)
            return false;
        SkipGap(nowNs);
        return true;
    }

    public void Release()
    {
        _stream.Release();
        foreach (Held held in _held)
            ArrayPool<byte>.Shared.Return(held.Bytes);
        _held.Clear();
        _heldBytes = 0;
    }

    private TcpResult Hold(TcpSequence sequence, ReadOnlySpan<byte> payload, long nowNs)
    {
        int at = _held.Count;
        while (at > 0 && _held[at - 1].Sequence - sequence >= 0)
            at--;
        if (at < _held.Count && _held[at].Sequence == sequence && _held[at].Length >= payload.Length)
            return TcpResult.Duplicate;

        if (_held.Count == 0)
            _gapSinceNs = nowNs;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(bytes);
        _held.Insert(at, new Held(sequence, bytes, payload.Length));
        _heldBytes += bytes.Length;
        if (_held.Count <= MaxHeldSegments && _heldBytes <= MaxHeldBytes)
            return TcpResult.Waiting;
        SkipGap(nowNs);
        return TcpResult.GapSkipped;
    }

    private void SkipGap(long nowNs)
    {
        _stream.Break();
        _next = _held[0].Sequence;
        DeliverHeld(nowNs);
    }

    private void DeliverHeld(long nowNs)
    {
        int delivered = 0;
        while (delivered < _held.Count && _held[delivered].Sequence - _next <= 0)
        {
            Held held = _held[delivered++];
            int known = _next - held.Sequence;
            if (known < held.Length)
                Deliver(held.Bytes.AsSpan(known, held.Length - known));
            ArrayPool<byte>.Shared.Return(held.Bytes);
            _heldBytes -= held.Bytes.Length;
        }

        _held.RemoveRange(0, delivered);
        if (delivered > 0)
            _gapSinceNs = nowNs;
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        _stream.Append(bytes);
        _next += bytes.Length;
    }

    /// <summary>A segment that came too early, in a rented buffer.</summary>
    private readonly record struct Held(TcpSequence Sequence, byte[] Bytes, int Length);
}
