using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>Lets a mark through once, however many sources have seen it; two of one source are two.</summary>
internal sealed class MarkFilter
{
    private const int MaxRemembered = 32;

    private readonly (MediaMark Mark, uint Sources)[] _marks = new (MediaMark, uint)[MaxRemembered];
    private long _count;

    /// <summary>Whether no other source has told it before.</summary>
    /// <param name="mark">The mark, at its position in the stream.</param>
    /// <param name="source">The slot of the source that tells it.</param>
    /// <param name="nearness">How far apart two sources may place it, in samples.</param>
    public bool IsNew(in MediaMark mark, int source, long nearness)
    {
        for (long i = Math.Max(0, _count - MaxRemembered); i < _count; i++)
        {
            ref var known = ref _marks[i % MaxRemembered];
            long apart = mark.Position - known.Mark.Position;
            bool isSame = known.Mark.Kind == mark.Kind && known.Mark.Code == mark.Code && apart >= -nearness && apart <= nearness;
            if (!isSame || (known.Sources & (1u << source)) != 0)
                continue;
            known.Sources |= 1u << source;
            return false;
        }

        _marks[_count++ % MaxRemembered] = (mark, 1u << source);
        return true;
    }

    /// <summary>The slot belongs to another source from now on.</summary>
    public void Forget(int source)
    {
        for (int i = 0; i < MaxRemembered; i++)
            _marks[i].Sources &= ~(1u << source);
    }
}
