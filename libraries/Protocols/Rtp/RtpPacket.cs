using System.Buffers.Binary;

namespace CallMirror.Protocols.Rtp;

/// <summary>An RTP packet (RFC 3550 §5.1). All spans are slices of the bytes it was read from and live as long as those.</summary>
public readonly ref struct RtpPacket
{
    //  0                   1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |V=2|P|X|  CC   |M|     PT      |       sequence number         |
    // |                           timestamp                           |
    // |           synchronization source (SSRC) identifier            |
    // |            contributing source (CSRC) identifiers ...         |
    // |      defined by profile       |  extension length (32 bits)   |  if X
    // |                        header extension ...                   |
    // |                          payload ...                          |
    // |                                      padding  | padding count |  if P
    public const int FixedHeaderLength = 12;
    private const int ExtensionHeaderLength = 4;
    private const byte Version2 = 0x80;
    private const byte PaddingBit = 0x20;
    private const byte ExtensionBit = 0x10;
    private const byte CsrcCountMask = 0x0F;
    private const byte MarkerBit = 0x80;
    private const byte PayloadTypeMask = 0x7F;

    /// <summary>With audio: the first packet after a silence (RFC 3551 §4.1).</summary>
    public bool Marker { get; init; }

    /// <summary>0 to 127.</summary>
    public byte PayloadType { get; init; }

    public SequenceNumber SequenceNumber { get; init; }

    public RtpTimestamp Timestamp { get; init; }

    public Ssrc Ssrc { get; init; }

    /// <summary>Contributing sources as on the wire, four bytes each, at most 15.</summary>
    public ReadOnlySpan<byte> Csrcs { get; init; }

    public bool HasExtension { get; init; }

    /// <summary>The 16 bits "defined by profile" of the header extension (0xBEDE: RFC 8285).</summary>
    public ushort ExtensionProfile { get; init; }

    /// <summary>The header extension's content, a multiple of four bytes.</summary>
    public ReadOnlySpan<byte> Extension { get; init; }

    /// <summary>What the codec made, without padding.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Bytes of padding that followed the payload, its count included.</summary>
    public byte PaddingLength { get; init; }

    /// <summary>Bytes that <see cref="WriteTo"/> writes.</summary>
    public int Length =>
        FixedHeaderLength + Csrcs.Length + (HasExtension ? ExtensionHeaderLength + Extension.Length : 0) + Payload.Length + PaddingLength;

    /// <summary>Reads a packet (§5.1); its spans are slices of <paramref name="data"/>. What can't be RTP gets the reason.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out RtpPacket packet, out RtpError error)
    {
        packet = default;
        error = CheckFixedHeader(data);
        if (error != RtpError.None)
            return false;
        ReadOnlySpan<byte> csrcs = data.Slice(FixedHeaderLength, (data[0] & CsrcCountMask) * sizeof(uint));
        ReadOnlySpan<byte> payload = data[(FixedHeaderLength + csrcs.Length)..];
        ReadOnlySpan<byte> extension = default;
        ushort profile = 0;
        byte padding = 0;
        if ((data[0] & ExtensionBit) != 0 && !TryTakeExtension(ref payload, out profile, out extension))
            error = RtpError.BadExtension;
        else if ((data[0] & PaddingBit) != 0 && !TryTakePadding(ref payload, out padding))
            error = RtpError.BadPadding;
        if (error != RtpError.None)
            return false;

        packet = new RtpPacket
        {
            Marker = (data[1] & MarkerBit) != 0,
            PayloadType = (byte)(data[1] & PayloadTypeMask),
            SequenceNumber = new(BinaryPrimitives.ReadUInt16BigEndian(data[2..])),
            Timestamp = new(BinaryPrimitives.ReadUInt32BigEndian(data[4..])),
            Ssrc = new(BinaryPrimitives.ReadUInt32BigEndian(data[8..])),
            Csrcs = csrcs,
            HasExtension = (data[0] & ExtensionBit) != 0,
            ExtensionProfile = profile,
            Extension = extension,
            Payload = payload,
            PaddingLength = padding,
        };
        return true;
    }

    /// <summary>Writes the packet and returns its <see cref="Length"/>; for tests and load generators, so a buffer that is too small throws.</summary>
    public int WriteTo(Span<byte> destination)
    {
        destination = destination[..Length];
        destination[0] = (byte)(Version2
            | (PaddingLength > 0 ? PaddingBit : 0) | (HasExtension ? ExtensionBit : 0) | (Csrcs.Length / sizeof(uint) & CsrcCountMask));
        destination[1] = (byte)((Marker ? MarkerBit : 0) | (PayloadType & PayloadTypeMask));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], SequenceNumber.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Ssrc.Value);
        Csrcs.CopyTo(destination[FixedHeaderLength..]);
        Span<byte> rest = destination[(FixedHeaderLength + Csrcs.Length)..];
        if (HasExtension)
            rest = WriteExtension(rest);
        Payload.CopyTo(rest);
        WritePadding(rest[Payload.Length..]);
        return destination.Length;
    }

    /// <summary>What <see cref="RtpClassifier"/> decides by, in its order.</summary>
    internal static RtpError CheckFixedHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length < FixedHeaderLength)
            return RtpError.TooShort;
        if ((data[0] & 0xC0) != Version2)
            return RtpError.NotVersion2;
        if (RtpClassifier.IsRtcpType(data[1]))
            return RtpError.Rtcp;
        return data.Length < FixedHeaderLength + (data[0] & CsrcCountMask) * sizeof(uint) ? RtpError.TooShort : RtpError.None;
    }

    private static bool TryTakeExtension(scoped ref ReadOnlySpan<byte> rest, out ushort profile, out ReadOnlySpan<byte> extension)
    {
        profile = 0;
        extension = default;
        if (rest.Length < ExtensionHeaderLength)
            return false;
        profile = BinaryPrimitives.ReadUInt16BigEndian(rest);
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) * sizeof(uint);
        rest = rest[ExtensionHeaderLength..];
        if (length > rest.Length)
            return false;
        extension = rest[..length];
        rest = rest[length..];
        return true;
    }

    private static bool TryTakePadding(scoped ref ReadOnlySpan<byte> rest, out byte padding)
    {
        padding = rest.IsEmpty ? (byte)0 : rest[^1];
        if (padding == 0 || padding > rest.Length)
            return false;
        rest = rest[..^padding];
        return true;
    }

    private Span<byte> WriteExtension(Span<byte> rest)
    {
        BinaryPrimitives.WriteUInt16BigEndian(rest, ExtensionProfile);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(Extension.Length / sizeof(uint)));
        Extension.CopyTo(rest[ExtensionHeaderLength..]);
        return rest[(ExtensionHeaderLength + Extension.Length)..];
    }

    private void WritePadding(Span<byte> rest)
    {
        rest.Clear();
        if (!rest.IsEmpty)
            rest[^1] = PaddingLength;
    }
}
