using System.Buffers.Binary;
using System.Text;

namespace CallMirror.Contracts.Media;

/// <summary>Writes one media message into a <see cref="MediaBuffer"/>: header, then sections in turn, each with its runs before its marks.</summary>
public ref struct MediaMessageWriter
{
    private readonly MediaBuffer _buffer;
    private readonly int _start;
    private int _section = -1;
    private int _run = -1;

    /// <summary>Begins a message at the end of <paramref name="buffer"/>.</summary>
    /// <exception cref="ArgumentException">The call-id is longer than <see cref="MediaLayout.MaxCallIdBytes"/>.</exception>
    public MediaMessageWriter(MediaBuffer buffer, scoped in MediaHeader header, string callId)
        : this(buffer, header, Encoding.UTF8.GetBytes(callId))
    {
    }

    /// <summary>Begins a message at the end of <paramref name="buffer"/>, with the call-id in UTF-8.</summary>
    /// <exception cref="ArgumentException">The call-id is longer than <see cref="MediaLayout.MaxCallIdBytes"/>.</exception>
    public MediaMessageWriter(MediaBuffer buffer, scoped in MediaHeader header, scoped ReadOnlySpan<byte> callId)
    {
        if (callId.Length > MediaLayout.MaxCallIdBytes)
            throw new ArgumentException("the call-id is too long", nameof(callId));
        _buffer = buffer;
        _start = buffer.Length;
        var head = buffer.Append(MediaLayout.Header.Size);
        head.Clear();
        head[MediaLayout.Header.Version] = MediaLayout.Version;
        head[MediaLayout.Header.Kind] = (byte)header.Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(head[MediaLayout.Header.Length..], (ushort)(MediaLayout.Header.Size + callId.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(head[MediaLayout.Header.Source..], header.Source);
        BinaryPrimitives.WriteUInt32LittleEndian(head[MediaLayout.Header.Sequence..], header.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(head[MediaLayout.Header.SampleRate..], header.SampleRate);
        BinaryPrimitives.WriteInt64LittleEndian(head[MediaLayout.Header.Epoch..], header.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(head[MediaLayout.Header.CapturedAt..], header.CapturedAt);
        BinaryPrimitives.WriteUInt16LittleEndian(head[MediaLayout.Header.CallIdLength..], (ushort)callId.Length);
        callId.CopyTo(buffer.Append(callId.Length));
    }

    /// <summary>Bytes of a message before its runs, the heads of its sections included.</summary>
    public static int BytesOfHead(int callIdBytes, int sections) =>
        MediaLayout.Header.Size + callIdBytes + (sections * MediaLayout.Section.Size);

    /// <summary>Bytes of so many runs with so much payload in all.</summary>
    public static int BytesOfRuns(int runs, int payloadBytes) => (runs * MediaLayout.Run.Size) + payloadBytes;

    /// <summary>Begins the section of a role. <paramref name="through"/>: everything before this position has been sent; -1 where the stream has not begun.</summary>
    public void BeginSection(byte role, SectionFlags flags, long through)
    {
        _section = _buffer.Length;
        _run = -1;
        var head = _buffer.Append(MediaLayout.Section.Size);
        head.Clear();
        head[MediaLayout.Section.Role] = role;
        head[MediaLayout.Section.Flags] = (byte)flags;
        BinaryPrimitives.WriteInt64LittleEndian(head[MediaLayout.Section.Through..], through);
        _buffer.Span[_start + MediaLayout.Header.SectionCount]++;
    }

    /// <summary>Begins a run; fill it with <see cref="AppendPayload(int)"/>.</summary>
    public void BeginRun(in RunHeader header)
    {
        Count(MediaLayout.Section.RunCount);
        _run = _buffer.Length;
        var head = _buffer.Append(MediaLayout.Run.Size);
        head.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(head[MediaLayout.Run.Position..], header.Position);
        BinaryPrimitives.WriteUInt32LittleEndian(head[MediaLayout.Run.Ssrc..], header.Ssrc);
        BinaryPrimitives.WriteUInt32LittleEndian(head[MediaLayout.Run.Timestamp..], header.Timestamp);
        head[MediaLayout.Run.Codec] = (byte)header.Codec;
        head[MediaLayout.Run.Flags] = (byte)header.Flags;
    }

    /// <summary>Room for <paramref name="count"/> more bytes of the current run, to be filled before the next call.</summary>
    public readonly Span<byte> AppendPayload(int count)
    {
        var length = _buffer.Span[(_run + MediaLayout.Run.PayloadLength)..];
        BinaryPrimitives.WriteInt32LittleEndian(length, BinaryPrimitives.ReadInt32LittleEndian(length) + count);
        return _buffer.Append(count);
    }

    /// <summary>Adds a run whole.</summary>
    public void AddRun(in RunHeader header, ReadOnlySpan<byte> payload)
    {
        BeginRun(header);
        payload.CopyTo(AppendPayload(payload.Length));
    }

    /// <summary>Adds a mark; no run may follow it in its section.</summary>
    public readonly void AddMark(in MediaMark mark)
    {
        Count(MediaLayout.Section.MarkCount);
        var head = _buffer.Append(MediaLayout.Mark.Size);
        head.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(head[MediaLayout.Mark.Position..], mark.Position);
        head[MediaLayout.Mark.Kind] = (byte)mark.Kind;
        head[MediaLayout.Mark.Code] = mark.Code;
        BinaryPrimitives.WriteUInt32LittleEndian(head[MediaLayout.Mark.Value..], mark.Value);
    }

    private readonly void Count(int field)
    {
        var counter = _buffer.Span[(_section + field)..];
        BinaryPrimitives.WriteUInt16LittleEndian(counter, checked((ushort)(BinaryPrimitives.ReadUInt16LittleEndian(counter) + 1)));
    }
}
