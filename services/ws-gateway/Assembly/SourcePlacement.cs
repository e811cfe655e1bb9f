namespace CallMirror.WsGateway.Assembly;

/// <summary>By how much a source's positions differ from the streams', in samples: its clock's doing, so about the same for both roles.</summary>
internal sealed class SourceSkew
{
    /// <summary>Samples to add.</summary>
    public long Samples { get; set; }
}

/// <summary>
/// Places the runs of one source in one role's stream. What is known by its RTP timestamps goes where it is known; what follows the source's last
/// run by them stays beside it; anything else goes where the source says, but for its skew.
/// </summary>
internal sealed class SourcePlacement(StretchMap map, SourceSkew skew)
{
    private long? _offset;
    private bool _hasRun;
    private RtpPoint _last;
    private long _lastOwn;
    private long _lastPlace;
    private long _end = long.MinValue / 2;

    /// <summary>Where one of the source's own positions is in the stream.</summary>
    public long Map(long position) => position + (_offset ?? skew.Samples);

    /// <summary>Where samples go that begin with <paramref name="point"/>.</summary>
    /// <param name="point">The first sample.</param>
    /// <param name="own">The source's own position of it.</param>
    /// <param name="samples">How many they are.</param>
    /// <param name="length">How many of them go there; at least one.</param>
    public long Place(in RtpPoint point, long own, long samples, out long length)
    {
        long position = map.IsShared ? Compare(point, own, samples, out length) : Alone(own, samples, out length);
        map.Learn(point, position, length);
        (_hasRun, _last, _lastOwn, _lastPlace, _offset) = (true, point, own, position, position - own);
        _end = position + length;
        return position;
    }

    private long Alone(long own, long samples, out long length)
    {
        length = samples;
        return Map(own);
    }

    private long Compare(in RtpPoint point, long own, long samples, out long length)
    {
        long expected = Map(own);
        // A source never places two samples at one position, so an earlier place is that of another sample of the same timestamp.
        long floor = _end - map.Slack;
        bool isKnown = map.TryFind(point, samples, expected, floor, Left(point, own, expected), out long position, out length)
            || (!(_hasRun && _last.Ssrc == point.Ssrc) && map.TryExtend(point, expected, floor, out position));
        if (isKnown)
            skew.Samples = position - own;
        else
            position = FollowsLast(point, own) ? expected : Math.Max(map.FreeAfter(expected), _end);
        return position;
    }

    // Where the stretch that the source has just left would have it. It left for a reason: the timestamps stepped back. Only where the clocks have
    // come apart as far as a capture bears may another, which has not left yet, be right.
    private long Left(in RtpPoint point, long own, long expected)
    {
        if (!_hasRun || _last.Ssrc != point.Ssrc || FollowsLast(point, own))
            return long.MinValue;
        long old = _lastPlace + map.Distance(_last, point);
        return map.IsDrift(old - expected) ? long.MinValue : old;
    }

    private bool FollowsLast(in RtpPoint point, long own) =>
        _hasRun && _last.Ssrc == point.Ssrc && map.Distance(_last, point) == own - _lastOwn;
}
