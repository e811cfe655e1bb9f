using CallMirror.Capture.Streams;
using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Windows;

/// <summary>The audio of one stream that the window at hand has gathered, in order of position. Owns its bytes.</summary>
internal sealed class WindowRuns
{
    // A message counts its runs in 16 bits, history included. A window of sound audio has a handful.
    private const int MaxRuns = 32_768;

    private readonly List<(RunHeader Header, int Length)> _runs = [];
    private byte[] _bytes = [];
    private int _length;

    /// <summary>No more runs fit into one message.</summary>
    public bool IsFull => _runs.Count >= MaxRuns;

    /// <summary>Bytes that they take in a message.</summary>
    public int WrittenBytes => MediaMessageWriter.BytesOfRuns(_runs.Count, _length);

    /// <summary>Appends the samples of one packet: the one copy between the captured frame and the message.</summary>
    public void Append(in RunHeader header, ReadOnlySpan<byte> payload)
    {
        if (_bytes.Length - _length < payload.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + payload.Length));
        payload.CopyTo(_bytes.AsSpan(_length));
        _length += payload.Length;
        if (_runs is [.., var last] && Continues(last.Header, last.Length, header))
            _runs[^1] = (last.Header, last.Length + payload.Length);
        else
            _runs.Add((header, payload.Length));
    }

    /// <summary>Writes the runs into the section that has just begun, and remembers their end in <paramref name="tail"/>; empties the window.</summary>
    public void Write(ref MediaMessageWriter writer, StretchTail tail)
    {
        int offset = 0;
        foreach (var (header, length) in _runs)
        {
            var payload = _bytes.AsSpan(offset, length);
            writer.AddRun(header, payload);
            tail.Append(header, payload);
            offset += length;
        }

        _runs.Clear();
        _length = 0;
    }

    private static bool Continues(in RunHeader last, int length, in RunHeader next) =>
        next.Position == last.Position + length
        && next.Ssrc == last.Ssrc
        && next.Codec == last.Codec
        && next.Timestamp == last.Timestamp + (uint)length;
}
