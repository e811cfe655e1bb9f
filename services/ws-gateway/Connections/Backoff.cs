namespace CallMirror.WsGateway.Connections;

/// <summary>Waits between attempts: doubling from 100 ms to 5 s, each shortened by up to half so that many streams do not come back at once.</summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private TimeSpan _next = First;

    /// <summary>How long to wait now.</summary>
    public TimeSpan Next()
    {
        var wait = _next * (1 - (random.NextDouble() / 2));
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return wait;
    }

    /// <summary>It worked: the next wait is short again.</summary>
    public void Reset() => _next = First;
}
