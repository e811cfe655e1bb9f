using System.Buffers.Binary;
using System.Text;

namespace CallMirror.Contracts.Media;

/// <summary>A media message, read in place. <see cref="TryParse"/> checks every length, so walking it afterwards can't fail.</summary>
public readonly ref struct MediaMessage
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _sections;

    private MediaMessage(ReadOnlySpan<byte> data, int sections)
    {
        _data = data;
        _sections = sections;
    }

    /// <summary>The header's values.</summary>
    public MediaHeader Header => new()
    {
        Kind = (MediaKind)_data[MediaLayout.Header.Kind],
        Source = BinaryPrimitives.ReadUInt32LittleEndian(_data[MediaLayout.Header.Source..]),
        Sequence = BinaryPrimitives.ReadUInt32LittleEndian(_data[MediaLayout.Header.Sequence..]),
        SampleRate = BinaryPrimitives.ReadInt32LittleEndian(_data[MediaLayout.Header.SampleRate..]),
        Epoch = BinaryPrimitives.ReadInt64LittleEndian(_data[MediaLayout.Header.Epoch..]),
        CapturedAt = BinaryPrimitives.ReadInt64LittleEndian(_data[MediaLayout.Header.CapturedAt..]),
    };

    /// <summary>The call-id in UTF-8.</summary>
    public ReadOnlySpan<byte> CallIdUtf8 =>
        _data.Slice(MediaLayout.Header.Size, BinaryPrimitives.ReadUInt16LittleEndian(_data[MediaLayout.Header.CallIdLength..]));

    /// <summary>The call-id.</summary>
    public string CallId => Encoding.UTF8.GetString(CallIdUtf8);

    /// <summary>How many sections follow.</summary>
    public int SectionCount => _data[MediaLayout.Header.SectionCount];

    /// <summary>The sections, one a role.</summary>
    public MediaSectionEnumerator GetEnumerator() => new(_data[_sections..], SectionCount);

    /// <summary>Reads a message; the result looks into <paramref name="data"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, out MediaMessage message, out MediaMessageError error)
    {
        message = default;
        error = CheckHeader(data, out int sections);
        if (error == MediaMessageError.None)
            error = CheckSections(data[sections..], data[MediaLayout.Header.SectionCount]);
        if (error != MediaMessageError.None)
            return false;
        message = new MediaMessage(data, sections);
        return true;
    }

    private static MediaMessageError CheckHeader(ReadOnlySpan<byte> data, out int sections)
    {
        const int MaxSampleRate = 384_000;
        sections = 0;
        if (data.Length > 0 && data[MediaLayout.Header.Version] != MediaLayout.Version)
            return MediaMessageError.UnsupportedVersion;
        if (data.Length < MediaLayout.Header.Size)
            return MediaMessageError.Truncated;
        if ((MediaKind)data[MediaLayout.Header.Kind] is not (MediaKind.RtpBatch or MediaKind.L16Chunk))
            return MediaMessageError.UnknownKind;
        if (BinaryPrimitives.ReadInt32LittleEndian(data[MediaLayout.Header.SampleRate..]) is <= 0 or > MaxSampleRate)
            return MediaMessageError.BadSampleRate;
        sections = BinaryPrimitives.ReadUInt16LittleEndian(data[MediaLayout.Header.Length..]);
        int callId = BinaryPrimitives.ReadUInt16LittleEndian(data[MediaLayout.Header.CallIdLength..]);
        if (sections < MediaLayout.Header.Size + callId)
            return MediaMessageError.BadHeaderLength;
        if (callId > MediaLayout.MaxCallIdBytes)
            return MediaMessageError.CallIdTooLong;
        return sections > data.Length ? MediaMessageError.Truncated : MediaMessageError.None;
    }

    private static MediaMessageError CheckSections(ReadOnlySpan<byte> data, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (data.Length < MediaLayout.Section.Size)
                return MediaMessageError.Truncated;
            int runs = BinaryPrimitives.ReadUInt16LittleEndian(data[MediaLayout.Section.RunCount..]);
            int marks = BinaryPrimitives.ReadUInt16LittleEndian(data[MediaLayout.Section.MarkCount..]);
            data = data[MediaLayout.Section.Size..];
            var error = SkipRuns(ref data, runs);
            if (error != MediaMessageError.None)
                return error;
            if (data.Length < marks * MediaLayout.Mark.Size)
                return MediaMessageError.Truncated;
            data = data[(marks * MediaLayout.Mark.Size)..];
        }

        return data.IsEmpty ? MediaMessageError.None : MediaMessageError.TrailingBytes;
    }

    private static MediaMessageError SkipRuns(ref ReadOnlySpan<byte> data, int runs)
    {
        for (int i = 0; i < runs; i++)
        {
            if (data.Length < MediaLayout.Run.Size)
                return MediaMessageError.Truncated;
            uint payload = BinaryPrimitives.ReadUInt32LittleEndian(data[MediaLayout.Run.PayloadLength..]);
            if (payload > data.Length - MediaLayout.Run.Size)
                return MediaMessageError.Truncated;
            if ((MediaCodec)data[MediaLayout.Run.Codec] == MediaCodec.L16 && payload % 2 != 0)
                return MediaMessageError.OddPayload;
            data = data[(MediaLayout.Run.Size + (int)payload)..];
        }

        return MediaMessageError.None;
    }
}
