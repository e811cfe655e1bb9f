namespace CallMirror.Messaging;

/// <summary>
/// Waits between attempts to reach something: doubling from <paramref name="first"/> to <paramref name="longest"/>, each shortened by up to half, so that
/// many that lost the same broker or listener do not come back at once.
/// </summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    /// <summary>How long to wait now: between half and all of what is due.</summary>
    public TimeSpan Next()
    {
        var wait = _next * (1 - (random.NextDouble() / 2));
        _next = _next * 2 < longest ? _next * 2 : longest;
        return wait;
    }

    /// <summary>It worked: the next wait is short again.</summary>
    public void Reset() => _next = _first;
}
