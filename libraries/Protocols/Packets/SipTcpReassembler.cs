namespace CallMirror.Protocols.Packets;

/// <summary>Bounds of a <see cref="SipTcpReassembler"/>. When one is reached, the direction that was silent longest is forgotten.</summary>
/// <param name="MaxDirections">Connections, each direction counted.</param>
/// <param name="MaxBytes">Bytes held for all of them.</param>
/// <param name="MaxMessageLength">Longest SIP message in bytes.</param>
/// <param name="GapNs">How long to wait for a segment that is missing, in packet time.</param>
/// <param name="IdleNs">How long a silent direction is remembered; one that is forgotten is found again at its next message.</param>
public sealed record SipTcpLimits(
    int MaxDirections = 8192,
    int MaxBytes = 32 * 1024 * 1024,
    int MaxMessageLength = 64 * 1024,
    long GapNs = 1_000_000_000,
    long IdleNs = 600_000_000_000);

/// <summary>Finds the SIP messages in TCP segments as a mirror delivers them: out of order, twice, from the middle of a connection on, or not at all.</summary>
/// <remarks>FIN and RST are not acted on, since a new SYN starts a connection afresh. Time is the packets' own.</remarks>
public sealed class SipTcpReassembler(SipTcpLimits limits)
{
    private const long SweepNs = 100_000_000;

    private readonly Dictionary<(TransportAddress Source, TransportAddress Destination), TcpDirection> _directions = [];
    private readonly LinkedList<TcpDirection> _bySilence = new();
    private readonly Queue<TcpDirection> _ready = new();
    private long _heldBytes;
    private long _sweptNs;

    public SipTcpReassembler()
        : this(new SipTcpLimits())
    {
    }

    /// <summary>Places where bytes were missing for good; the message they belonged to is lost.</summary>
    public long Gaps { get; private set; }

    /// <summary>Directions that were forgotten because a bound was reached.</summary>
    public long Evicted { get; private set; }

    /// <summary>Directions of connections that are followed now; one connection has two.</summary>
    public int Directions => _directions.Count;

    /// <summary>Bytes held now until they are whole messages, or until what is missing before them comes.</summary>
    public long HeldBytes => _heldBytes;

    /// <summary>Takes one segment at packet time <paramref name="nowNs"/>. Afterwards read with <see cref="TryRead"/> until it gives nothing.</summary>
    public TcpResult Add(scoped in Datagram segment, long nowNs)
    {
        Expire(nowNs);
        bool isSyn = (segment.TcpFlags & TcpFlags.Syn) != 0;
        // The SYN itself takes one sequence number (RFC 9293 §3.4).
        TcpSequence start = isSyn ? segment.TcpSequence + 1 : segment.TcpSequence;
        TcpDirection? direction = Find(in segment, start, isSyn);
        if (direction is null)
            return segment.Payload.IsEmpty ? TcpResult.NoPayload : TcpResult.NotSip;
        Touch(direction, nowNs);
        TcpResult result = segment.Payload.IsEmpty ? TcpResult.NoPayload : Feed(direction, start, segment.Payload, nowNs);
        EvictBeyondBounds();
        return result;
    }

    /// <summary>The next whole message, its bytes as payload, valid until the next call of anything here.</summary>
    public bool TryRead(out Datagram message)
    {
        message = default;
        while (_ready.TryPeek(out TcpDirection? direction))
        {
            if (direction.TryRead(out ReadOnlySpan<byte> bytes))
            {
                message = new Datagram
                {
                    Transport = Transport.Tcp,
                    Source = direction.Source,
                    Destination = direction.Destination,
                    Payload = bytes,
                };
                return true;
            }

            _ready.Dequeue().IsReady = false;
            if (direction.IsLost)
                Drop(direction);
        }

        return false;
    }

    /// <summary>Gives up gaps and connections that are too old; <see cref="Add"/> does so itself. There may be messages to read afterwards.</summary>
    public void Expire(long nowNs)
    {
        if (nowNs - _sweptNs is >= 0 and < SweepNs)
            return;
        _sweptNs = nowNs;
        while (_bySilence.First is { } oldest && nowNs - oldest.Value.LastSeenNs > limits.IdleNs)
            Drop(oldest.Value);
        foreach (TcpDirection direction in _bySilence)
            SkipOldGap(direction, nowNs);
    }

    private TcpResult Feed(TcpDirection direction, TcpSequence start, ReadOnlySpan<byte> payload, long nowNs)
    {
        int before = direction.HeldBytes;
        TcpResult result = direction.Add(start, payload, nowNs);
        _heldBytes += direction.HeldBytes - before;
        if (result == TcpResult.GapSkipped)
            Gaps++;
        if (result is TcpResult.InOrder or TcpResult.GapSkipped)
            MakeReady(direction);
        return result;
    }

    private void SkipOldGap(TcpDirection direction, long nowNs)
    {
        int before = direction.HeldBytes;
        if (!direction.SkipOldGap(nowNs, limits.GapNs))
            return;
        _heldBytes += direction.HeldBytes - before;
        Gaps++;
        MakeReady(direction);
    }

    /// <summary>The direction a segment belongs to: a known one, or a new one where it begins a connection or a SIP message.</summary>
    private TcpDirection? Find(scoped in Datagram segment, TcpSequence start, bool isSyn)
    {
        bool isKnown = _directions.TryGetValue((segment.Source, segment.Destination), out TcpDirection? direction);
        if (isKnown && (isSyn ? direction!.Start == start : !direction!.IsFar(start)))
            return direction;
        if (!isSyn && !SipRecognizer.LooksLikeSip(segment.Payload))
            return null;
        if (isKnown)
            Drop(direction!);
        return Open(in segment, start);
    }

    private TcpDirection Open(scoped in Datagram segment, TcpSequence start)
    {
        var direction = new TcpDirection(start, limits.MaxMessageLength) { Source = segment.Source, Destination = segment.Destination };
        _directions.Add((segment.Source, segment.Destination), direction);
        _bySilence.AddLast(direction.Node);
        return direction;
    }

    private void Touch(TcpDirection direction, long nowNs)
    {
        direction.LastSeenNs = nowNs;
        _bySilence.Remove(direction.Node);
        _bySilence.AddLast(direction.Node);
    }

    private void MakeReady(TcpDirection direction)
    {
        if (!direction.IsReady)
            _ready.Enqueue(direction);
        direction.IsReady = true;
    }

    private void EvictBeyondBounds()
    {
        while (_bySilence.First is { } oldest && (_directions.Count > limits.MaxDirections || _heldBytes > limits.MaxBytes))
        {
            Drop(oldest.Value);
            Evicted++;
        }
    }

    private void Drop(TcpDirection direction)
    {
        if (direction.Node.List is null)
            return;
        _ = _directions.Remove((direction.Source, direction.Destination));
        _bySilence.Remove(direction.Node);
        _heldBytes -= direction.HeldBytes;
        direction.Release();
    }
}
