using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Streams;

/// <summary>
/// What happened besides audio, in order of position. A mark waits until everything before it has been sent: so none is ever behind the end
/// of its stream, wherever windows are cut.
/// </summary>
internal sealed class StreamMarks
{
    // Nobody dials as fast; a message counts its marks in 16 bits.
    private const int MaxWaiting = 1024;

    private readonly List<MediaMark> _marks = [];

    /// <summary>Takes a mark; false where too many wait.</summary>
    public bool TryAdd(in MediaMark mark)
    {
        if (_marks.Count >= MaxWaiting)
            return false;
        int at = _marks.Count;
        while (at > 0 && _marks[at - 1].Position > mark.Position)
            at--;
        _marks.Insert(at, mark);
        return true;
    }

    /// <summary>Whether a mark can be sent, now that everything before <paramref name="through"/> has been.</summary>
    public bool IsAnyDue(long through) => _marks is [var first, ..] && first.Position <= through;

    /// <summary>The stream ends: marks behind its end move there, and the end mark comes last.</summary>
    public void End(long position, byte reason)
    {
        for (int i = 0; i < _marks.Count; i++)
            _marks[i] = _marks[i] with { Position = Math.Min(_marks[i].Position, position) };
        _marks.Add(new MediaMark { Position = position, Kind = MarkKind.End, Code = reason });
    }

    /// <summary>Writes the marks up to <paramref name="through"/> into the section that has just got its runs.</summary>
    public void Write(ref MediaMessageWriter writer, long through)
    {
        int due = 0;
        while (due < _marks.Count && _marks[due].Position <= through)
            writer.AddMark(_marks[due++]);
        _marks.RemoveRange(0, due);
    }
}
