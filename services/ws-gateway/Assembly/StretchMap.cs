namespace CallMirror.WsGateway.Assembly;

/// <summary>A sample as RTP names it: the SSRC, the timestamp of its run's first sample, and how many samples after that it stands.</summary>
internal readonly record struct RtpPoint(uint Ssrc, uint Timestamp, long After);

/// <summary>
/// Which RTP timestamps of a role stand at which positions. The same timestamp of the same SSRC is the same sample, whoever captured it, and the
/// first position that it was given stands. Timestamps jump in mid stream, forth and back, so what is known is a bounded number of stretches, each
/// an interval of timestamps along which positions count; where one timestamp lies in several, the position nearest to the expected one is meant.
/// </summary>
internal sealed class StretchMap
{
    private const int MaxStretches = 16;
    private const int RtpClock = 8000;

    // Most calls have one.
    private Stretch[] _stretches = new Stretch[1];
    private int _count;
    private int _rate = RtpClock;

    /// <summary>Samples a second of all positions.</summary>
    public int SampleRate
    {
        set => _rate = value;
    }

    /// <summary>More than one source places runs here.</summary>
    public bool IsShared { get; set; }

    /// <summary>By how much a place may lie before the end of the run before it: as two sources' clocks have it, 10 ms.</summary>
    public long Slack => _rate / 100;

    /// <summary>Whether two clocks that come apart slowly explain a difference: a capture begins a new stretch at 200 ms.</summary>
    public bool IsDrift(long difference) => Math.Abs(difference) > LineTolerance && Math.Abs(difference) <= 2 * LineTolerance;

    // Captures' clocks differ by tens of milliseconds, and each holds on to a stretch while the RTP clock is within 200 ms of its own.
    private long Tolerance => _rate;

    // As far as a capture itself takes a timestamp for a continuation (StretchClock).
    private long LineTolerance => _rate / 5;

    // What one capture places end to end another may have placed by its clock.
    private long Overlap => _rate * 60L / 1000;

    /// <summary>
    /// The position of a point whose stretch is known: it lies in one, follows one directly, or of the <paramref name="samples"/> that begin
    /// with it some lie in one, or lead up to it. <paramref name="length"/> says how many of them belong to that stretch.
    /// </summary>
    /// <param name="point">The first sample.</param>
    /// <param name="samples">How many there are.</param>
    /// <param name="expected">About where it should be.</param>
    /// <param name="floor">It can't be before this.</param>
    /// <param name="not">It can't be just this.</param>
    /// <param name="position">The position.</param>
    /// <param name="length">How many of the samples.</param>
    public bool TryFind(in RtpPoint point, long samples, long expected, long floor, long not, out long position, out long length)
    {
        var inside = Match.None;
        var beside = Match.None;
        for (int i = 0; i < _count; i++)
        {
            ref readonly var known = ref _stretches[i];
            long into = Into(known, point);
            long at = known.Position + into;
            if (known.Ssrc != point.Ssrc || into < -samples || into > known.Samples || at < floor || at == not || !IsNear(at, expected, Tolerance))
                continue;
            var match = new Match(at, Math.Abs(at - expected), into, known.Samples - into);
            if (into >= 0 && into < known.Samples)
                inside = match.Distance < inside.Distance ? match : inside;
            else
                beside = match.Distance < beside.Distance ? match : beside;
        }

        bool isInside = IsMeant(inside, beside);
        position = isInside ? inside.Position : beside.Position;
        length = isInside ? Math.Min(samples, inside.Left) : UntilNext(point, samples, expected, floor);
        return isInside || beside.IsAny;
    }

    // The nearer one, as a timestamp may come twice. But where a stretch begins with the very sample, and far off, a capture has found that the
    // sender's clock is no longer its own: the others will soon.
    private bool IsMeant(in Match inside, in Match beside) =>
        inside.IsAny && (inside.Distance <= beside.Distance || (inside.Into == 0 && inside.Distance > LineTolerance));

    /// <summary>The position of a point by the timestamps of a stretch that has a gap before it, or after it; false where none is near.</summary>
    public bool TryExtend(in RtpPoint point, long expected, long floor, out long position)
    {
        position = 0;
        long nearest = long.MaxValue;
        for (int i = 0; i < _count; i++)
        {
            ref readonly var known = ref _stretches[i];
            long at = known.Position + Into(known, point);
            if (known.Ssrc != point.Ssrc || at < floor || !IsNear(at, expected, LineTolerance) || Math.Abs(at - expected) >= nearest)
                continue;
            nearest = Math.Abs(at - expected);
            position = at;
        }

        return nearest != long.MaxValue;
    }

    /// <summary>Where a stretch can begin that should at <paramref name="position"/>: stretches never overlap, a little too early is too early.</summary>
    public long FreeAfter(long position)
    {
        for (int i = 0; i < _count; i++)
        {
            ref readonly var known = ref _stretches[i];
            if (position >= known.Position && position < known.End && known.End - position <= Overlap)
                (position, i) = (known.End, -1);
        }

        return position;
    }

    /// <summary>From now on these samples stand at <paramref name="position"/>.</summary>
    public void Learn(in RtpPoint point, long position, long samples)
    {
        for (int i = 0; i < _count; i++)
        {
            ref var known = ref _stretches[i];
            if (known.Ssrc != point.Ssrc || known.Position + Into(known, point) != position)
                continue;
            known = known.With(point, position, samples);
            return;
        }

        if (_count == _stretches.Length && _count < MaxStretches)
            Array.Resize(ref _stretches, Math.Min(MaxStretches, _count * 2));
        int place = _count < MaxStretches ? _count++ : Oldest();
        _stretches[place] = new Stretch(point, position, samples);
    }

    // How many of the samples come before the first that is known.
    private long UntilNext(in RtpPoint point, long samples, long expected, long floor)
    {
        long until = samples;
        for (int i = 0; i < _count; i++)
        {
            ref readonly var known = ref _stretches[i];
            long into = Into(known, point);
            if (known.Ssrc == point.Ssrc && into < 0 && -into < until && known.Position + into >= floor && IsNear(known.Position + into, expected, Tolerance))
                until = -into;
        }

        return until;
    }

    private int Oldest()
    {
        int oldest = 0;
        for (int i = 1; i < _count; i++)
            if (_stretches[i].End < _stretches[oldest].End)
                oldest = i;
        return oldest;
    }

    /// <summary>Samples from one point to another of the same SSRC, by their timestamps.</summary>
    public long Distance(in RtpPoint from, in RtpPoint to) =>
        ((long)(int)(to.Timestamp - from.Timestamp) * _rate / RtpClock) + to.After - from.After;

    private long Into(in Stretch known, in RtpPoint point) => Distance(known.First, point);

    private static bool IsNear(long position, long expected, long tolerance) => position >= expected - tolerance && position <= expected + tolerance;

    private readonly record struct Match(long Position, long Distance, long Into, long Left)
    {
        public static readonly Match None = new(0, long.MaxValue, 0, 0);

        public bool IsAny => Distance != long.MaxValue;
    }

    private readonly record struct Stretch(RtpPoint First, long Position, long Samples)
    {
        public uint Ssrc => First.Ssrc;

        public long End => Position + Samples;

        public Stretch With(in RtpPoint point, long position, long samples)
        {
            long end = Math.Max(End, position + samples);
            return position < Position ? new Stretch(point, position, end - position) : this with { Samples = end - Position };
        }
    }
}
