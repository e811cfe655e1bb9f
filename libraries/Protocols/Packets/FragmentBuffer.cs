using System.Buffers;
using System.Buffers.Binary;

namespace CallMirror.Protocols.Packets;

/// <summary>What fragments of one datagram share (RFC 791 §3.2). IPv6 leaves the protocol out, because later fragments may name another (RFC 8200 §4.5).</summary>
internal readonly record struct FragmentKey(TransportAddress Source, TransportAddress Destination, uint Identification, byte Version, byte Protocol)
{
    public static FragmentKey Of(scoped in IpPacket packet) => new(
        packet.Source,
        packet.Destination,
        packet.Identification,
        packet.Version,
        packet.Version == 4 ? packet.Protocol : (byte)0);
}

/// <summary>How a fragment stands to a datagram of the same key.</summary>
internal enum FragmentFit
{
    /// <summary>The datagram lacks it.</summary>
    Free,

    /// <summary>The datagram has it.</summary>
    Same,

    /// <summary>It is of another datagram: the sender gives all of them one identification.</summary>
    Other,

    /// <summary>It contradicts the datagram, and no other would have it.</summary>
    Contradiction,
}

/// <summary>The datagram that an <see cref="IpReassembler"/> is putting together: its bytes, and which of its 8-byte blocks have come.</summary>
internal sealed class FragmentBuffer
{
    private const int BlockLength = 8;
    private const int MaxLength = ushort.MaxValue;
    private const int BitsPerWord = 64;
    private const int UdpLengthAt = 4;

    private readonly ulong[] _blocks = new ulong[(MaxLength / BlockLength + BitsPerWord) / BitsPerWord];
    private byte[] _bytes = [];
    private int _received;
    private int _total;
    private int _end;

    public FragmentBuffer() => Node = new LinkedListNode<FragmentBuffer>(this);

    /// <summary>Its place in one of the reassembler's lists; it moves between them without allocating.</summary>
    public LinkedListNode<FragmentBuffer> Node { get; }

    public FragmentKey Key { get; private set; }

    /// <summary>A datagram of the same key that began later; null for the newest.</summary>
    public FragmentBuffer? Newer { get; set; }

    /// <summary>Packet time of its first fragment, or, once finished, of its last.</summary>
    public long SinceNs { get; private set; }

    public bool IsFinished { get; private set; }

    /// <summary>IP protocol number, as the fragment with offset 0 names it.</summary>
    public byte Protocol { get; private set; }

    public int Capacity => _bytes.Length;

    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(0, _total);

    /// <summary>Whether a fragment agrees with itself; the fragments of one datagram may still contradict each other.</summary>
    public static bool IsSound(scoped in IpPacket fragment)
    {
        int length = fragment.Payload.Length;
        return length > 0
            && fragment.FragmentOffset + length <= MaxLength
            && (!fragment.MoreFragments || length % BlockLength == 0);
    }

    public void Start(FragmentKey key, long nowNs)
    {
        Key = key;
        SinceNs = nowNs;
        IsFinished = false;
        _received = _total = _end = 0;
        Array.Clear(_blocks);
    }

    /// <summary>Whether a fragment is this datagram's. UDP's own length, in its first fragment, says where it ends (RFC 768).</summary>
    public FragmentFit Fit(scoped in IpPacket fragment)
    {
        int start = fragment.FragmentOffset;
        int end = start + fragment.Payload.Length;
        int seen = CountSeen(start, end);
        if (seen == Blocks(start, end))
            return IsSame(fragment.Payload, start) ? FragmentFit.Same : FragmentFit.Other;
        if (UdpLength is { } length && (end > length || (!fragment.MoreFragments && end != length)))
            return FragmentFit.Other;
        bool contradictsEnd = _total > 0 && (end > _total || (!fragment.MoreFragments && end != _total));
        return seen > 0 || contradictsEnd || (!fragment.MoreFragments && end < _end) ? FragmentFit.Contradiction : FragmentFit.Free;
    }

    /// <summary>Takes a fragment that is <see cref="FragmentFit.Free"/>.</summary>
    public FragmentResult Add(scoped in IpPacket fragment)
    {
        int start = fragment.FragmentOffset;
        int end = start + fragment.Payload.Length;
        Store(fragment.Payload, start);
        if (start == 0)
            Protocol = fragment.Protocol;
        if (!fragment.MoreFragments)
            _total = end;
        return _received == _total ? FragmentResult.Complete : FragmentResult.Waiting;
    }

    public void Finish(long nowNs)
    {
        IsFinished = true;
        SinceNs = nowNs;
    }

    /// <summary>Gives the bytes back to the pool; key and age stay.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private int? UdpLength
    {
        get
        {
            bool hasHeader = Key.Version == 4 && Key.Protocol == (byte)Transport.Udp && (_blocks[0] & 1) == 1;
            int length = hasHeader ? BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(UdpLengthAt)) : 0;
            return length > TransportLayer.UdpHeaderLength ? length : null;
        }
    }

    private static int Blocks(int start, int end) => (end - start + BlockLength - 1) / BlockLength;

    private int CountSeen(int start, int end)
    {
        int seen = 0;
        for (int block = start / BlockLength, last = block + Blocks(start, end); block < last; block++)
            seen += (int)(_blocks[block / BitsPerWord] >> (block % BitsPerWord) & 1);
        return seen;
    }

    private bool IsSame(ReadOnlySpan<byte> payload, int start) =>
        start + payload.Length <= _end && payload.SequenceEqual(_bytes.AsSpan(start, payload.Length));

    private void Store(ReadOnlySpan<byte> payload, int start)
    {
        int end = start + payload.Length;
        EnsureCapacity(end);
        payload.CopyTo(_bytes.AsSpan(start));
        for (int block = start / BlockLength, last = block + Blocks(start, end); block < last; block++)
            _blocks[block / BitsPerWord] |= 1ul << (block % BitsPerWord);
        _received += payload.Length;
        _end = Math.Max(_end, end);
    }

    private void EnsureCapacity(int length)
    {
        if (length <= _bytes.Length)
            return;
        byte[] grown = ArrayPool<byte>.Shared.Rent(length);
        _bytes.AsSpan(0, _end).CopyTo(grown);
        Release();
        _bytes = grown;
    }
}
