using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Streams;

/// <summary>
/// The last samples of the stretch that is going on, still encoded: the history that the next message repeats for the resampling filter.
/// </summary>
internal sealed class StretchTail
{
    private readonly byte[] _bytes = new byte[MediaLayout.HistorySamples];
    private readonly List<Piece> _pieces = [];
    private int _length;

    /// <summary>Position after the last sample, or -1.</summary>
    public long End { get; private set; } = -1;

    public bool IsEmpty => _length == 0;

    /// <summary>Bytes that the history takes in a message.</summary>
    public int WrittenBytes => MediaMessageWriter.BytesOfRuns(_pieces.Count, _length);

    public void Clear()
    {
        (_length, End) = (0, -1);
        _pieces.Clear();
    }

    /// <summary>Takes samples that have been sent; those that don't follow what is held begin anew.</summary>
    public void Append(in RunHeader run, ReadOnlySpan<byte> payload)
    {
        if (run.Position != End)
            Clear();
        End = run.Position + payload.Length;
        int dropped = Math.Max(0, payload.Length - _bytes.Length);
        var kept = payload[dropped..];
        DropFirst(Math.Max(0, _length + kept.Length - _bytes.Length));
        kept.CopyTo(_bytes.AsSpan(_length));
        _length += kept.Length;
        AddPiece(run.Ssrc, run.Timestamp + (uint)dropped, run.Codec, kept.Length);
    }

    /// <summary>Writes the history runs into the section that has just begun.</summary>
    public void Write(ref MediaMessageWriter writer)
    {
        int offset = 0;
        foreach (var piece in _pieces)
        {
            var header = new RunHeader
            {
                Position = End - _length + offset,
                Ssrc = piece.Ssrc,
                Timestamp = piece.Timestamp,
                Codec = piece.Codec,
                Flags = RunFlags.History,
            };
            writer.AddRun(header, _bytes.AsSpan(offset, piece.Length));
            offset += piece.Length;
        }
    }

    private void AddPiece(uint ssrc, uint timestamp, MediaCodec codec, int length)
    {
        if (_pieces is [.., var last] && last.Ssrc == ssrc && last.Codec == codec && last.Timestamp + (uint)last.Length == timestamp)
            _pieces[^1] = last with { Length = last.Length + length };
        else if (length > 0)
            _pieces.Add(new Piece(ssrc, timestamp, codec, length));
    }

    private void DropFirst(int count)
    {
        _bytes.AsSpan(count, _length - count).CopyTo(_bytes);
        _length -= count;
        while (count > 0)
        {
            var first = _pieces[0];
            int dropped = Math.Min(count, first.Length);
            count -= dropped;
            if (dropped == first.Length)
                _pieces.RemoveAt(0);
            else
                _pieces[0] = first with { Timestamp = first.Timestamp + (uint)dropped, Length = first.Length - dropped };
        }
    }

    private readonly record struct Piece(uint Ssrc, uint Timestamp, MediaCodec Codec, int Length);
}
