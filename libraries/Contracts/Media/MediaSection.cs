using System.Buffers.Binary;

namespace CallMirror.Contracts.Media;

/// <summary>Walks the sections of a checked message.</summary>
public ref struct MediaSectionEnumerator
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    internal MediaSectionEnumerator(ReadOnlySpan<byte> data, int count)
    {
        _rest = data;
        _left = count;
    }

    /// <summary>The section at hand.</summary>
    public MediaSection Current { get; private set; }

    /// <summary>Goes on to the next section.</summary>
    public bool MoveNext()
    {
        if (_left-- <= 0)
            return false;
        Current = new MediaSection(_rest);
        _rest = _rest[Current.Size..];
        return true;
    }
}

/// <summary>What a message says of one role.</summary>
public readonly ref struct MediaSection
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _marks;

    internal MediaSection(ReadOnlySpan<byte> data)
    {
        _data = data;
        int offset = MediaLayout.Section.Size;
        for (int i = RunCount(data); i > 0; i--)
            offset += MediaLayout.Run.Size + BinaryPrimitives.ReadInt32LittleEndian(data[(offset + MediaLayout.Run.PayloadLength)..]);
        _marks = offset;
    }

    /// <summary>0 = caller, 1 = callee.</summary>
    public byte Role => _data[MediaLayout.Section.Role];

    /// <summary>Whether the last run may go on.</summary>
    public SectionFlags Flags => (SectionFlags)_data[MediaLayout.Section.Flags];

    /// <summary>Everything before this position has been sent, by this message or an earlier one; -1 where the stream has not begun.</summary>
    public long Through => BinaryPrimitives.ReadInt64LittleEndian(_data[MediaLayout.Section.Through..]);

    /// <summary>The runs in order of position.</summary>
    public MediaRunEnumerator Runs => new(_data[MediaLayout.Section.Size.._marks], RunCount(_data));

    /// <summary>The marks in order of position.</summary>
    public MediaMarkEnumerator Marks => new(_data.Slice(_marks, MarkCount * MediaLayout.Mark.Size));

    internal int Size => _marks + (MarkCount * MediaLayout.Mark.Size);

    private int MarkCount => BinaryPrimitives.ReadUInt16LittleEndian(_data[MediaLayout.Section.MarkCount..]);

    private static int RunCount(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt16LittleEndian(data[MediaLayout.Section.RunCount..]);
}

/// <summary>Walks the runs of a section.</summary>
public ref struct MediaRunEnumerator
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    internal MediaRunEnumerator(ReadOnlySpan<byte> data, int count)
    {
        _rest = data;
        _left = count;
    }

    /// <summary>The run at hand.</summary>
    public MediaRun Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly MediaRunEnumerator GetEnumerator() => this;

    /// <summary>Goes on to the next run.</summary>
    public bool MoveNext()
    {
        if (_left-- <= 0)
            return false;
        Current = new MediaRun(_rest);
        _rest = _rest[(MediaLayout.Run.Size + Current.Payload.Length)..];
        return true;
    }
}

/// <summary>A stretch of samples without a gap.</summary>
public readonly ref struct MediaRun
{
    private readonly ReadOnlySpan<byte> _data;

    internal MediaRun(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>Position, SSRC, RTP timestamp, codec and flags.</summary>
    public RunHeader Header => new()
    {
        Position = BinaryPrimitives.ReadInt64LittleEndian(_data),
        Ssrc = BinaryPrimitives.ReadUInt32LittleEndian(_data[MediaLayout.Run.Ssrc..]),
        Timestamp = BinaryPrimitives.ReadUInt32LittleEndian(_data[MediaLayout.Run.Timestamp..]),
        Codec = (MediaCodec)_data[MediaLayout.Run.Codec],
        Flags = (RunFlags)_data[MediaLayout.Run.Flags],
    };

    /// <summary>The samples, encoded as the header says.</summary>
    public ReadOnlySpan<byte> Payload =>
        _data.Slice(MediaLayout.Run.Size, BinaryPrimitives.ReadInt32LittleEndian(_data[MediaLayout.Run.PayloadLength..]));
}

/// <summary>Walks the marks of a section.</summary>
public ref struct MediaMarkEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal MediaMarkEnumerator(ReadOnlySpan<byte> data) => _rest = data;

    /// <summary>The mark at hand.</summary>
    public MediaMark Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly MediaMarkEnumerator GetEnumerator() => this;

    /// <summary>Goes on to the next mark.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        Current = new MediaMark
        {
            Position = BinaryPrimitives.ReadInt64LittleEndian(_rest),
            Kind = (MarkKind)_rest[MediaLayout.Mark.Kind],
            Code = _rest[MediaLayout.Mark.Code],
            Value = BinaryPrimitives.ReadUInt32LittleEndian(_rest[MediaLayout.Mark.Value..]),
        };
        _rest = _rest[MediaLayout.Mark.Size..];
        return true;
    }
}
