using CallMirror.Capture.Streams;
using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Windows;

/// <summary>
/// The audio of one stream that the window at hand has gathered, in order of position. Owns its bytes. A part of its role's audio, not to be copied: each packet finds it there,
/// and in it the run that grows.
/// </summary>
internal struct WindowRuns()
{
    // A message counts its runs in 16 bits, history included. A window of sound audio has a handful.
    private const int MaxRuns = 32_768;

    // Those that grow no more.
    private readonly List<(RunHeader Header, int Length)> _closed = [];
    private RunHeader _header;
    private int _runLength;
    private int _count;
    private byte[] _bytes = [];
    private int _length;

    /// <summary>No more runs fit into one message.</summary>
    public readonly bool IsFull => _count >= MaxRuns;

    /// <summary>Bytes that they take in a message.</summary>
    public readonly int WrittenBytes => MediaMessageWriter.BytesOfRuns(_count, _length);

    /// <summary>Appends the samples of one packet: the one copy between the captured frame and the message.</summary>
    public void Append(in RunHeader header, ReadOnlySpan<byte> payload)
    {
        if (_bytes.Length - _length < payload.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + payload.Length));
        payload.CopyTo(_bytes.AsSpan(_length));
        _length += payload.Length;
        if (!Continues(header))
            Begin(header);
        _runLength += payload.Length;
    }

    /// <summary>Writes the runs into the section that has just begun, and remembers their end in <paramref name="tail"/>; empties the window.</summary>
    public void Write(ref MediaMessageWriter writer, StretchTail tail)
    {
        int offset = 0;
        foreach (var (header, length) in _closed)
            Write(ref writer, tail, header, length, ref offset);
        if (_count > 0)
            Write(ref writer, tail, _header, _runLength, ref offset);
        _closed.Clear();
        _count = _length = _runLength = 0;
    }

    private readonly void Write(ref MediaMessageWriter writer, StretchTail tail, in RunHeader header, int length, ref int offset)
    {
        var payload = _bytes.AsSpan(offset, length);
        writer.AddRun(header, payload);
        tail.Append(header, payload);
        offset += length;
    }

    private void Begin(in RunHeader header)
    {
        if (_count > 0)
            _closed.Add((_header, _runLength));
        (_header, _runLength) = (header, 0);
        _count++;
    }

    private readonly bool Continues(in RunHeader next) =>
        _count > 0
        && next.Position == _header.Position + _runLength
        && next.Ssrc == _header.Ssrc
        && next.Codec == _header.Codec
        && next.Timestamp == _header.Timestamp + (uint)_runLength;
}
