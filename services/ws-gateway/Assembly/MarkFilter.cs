using System.Runtime.InteropServices;
using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>Lets a mark through once, however many sources have seen it; two of one source are two.</summary>
internal sealed class MarkFilter
{
    private const int MaxRemembered = 32;

    // Most streams have hardly any marks.
    private readonly List<(MediaMark Mark, uint Sources)> _marks = [];
    private int _oldest;

    /// <summary>Whether no other source has told it before.</summary>
    /// <param name="mark">The mark, at its position in the stream.</param>
    /// <param name="source">The slot of the source that tells it.</param>
    /// <param name="nearness">How far apart two sources may place it, in samples.</param>
    public bool IsNew(in MediaMark mark, int source, long nearness)
    {
        foreach (ref var known in CollectionsMarshal.AsSpan(_marks))
        {
            long apart = mark.Position - known.Mark.Position;
            bool isSame = known.Mark.Kind == mark.Kind && known.Mark.Code == mark.Code && apart >= -nearness && apart <= nearness;
            if (!isSame || (known.Sources & (1u << source)) != 0)
                continue;
            known.Sources |= 1u << source;
            return false;
        }

        Remember(mark, 1u << source);
        return true;
    }

    /// <summary>The slot belongs to another source from now on.</summary>
    public void Forget(int source)
    {
        foreach (ref var known in CollectionsMarshal.AsSpan(_marks))
            known.Sources &= ~(1u << source);
    }

    private void Remember(in MediaMark mark, uint sources)
    {
        if (_marks.Count < MaxRemembered)
        {
            _marks.Add((mark, sources));
            return;
        }

        _marks[_oldest] = (mark, sources);
        _oldest = (_oldest + 1) % MaxRemembered;
    }
}
