using System.Runtime.ExceptionServices;
using CallMirror.Messaging;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// Spares a listener that can't be reached. All streams ask it for the same upgrade, so shortly after one has failed the others are given its failure without an attempt of their own:
/// a listener that is away for two hundred streams is dialled as often as for one.
/// </summary>
internal sealed class SharedAttempts(TimeProvider time, Random random)
{
    internal static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);

    // What a listener that is back waits for at the most; streams wait on their own besides.
    internal static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Backoff _backoff = new(ShortestRest, LongestRest, random);
    private ExceptionDispatchInfo? _failure;
    private long _failedAt;
    private TimeSpan _rest;

    /// <summary>Throws what the latest attempt failed with, where that was a moment ago.</summary>
    public void ThrowIfResting()
    {
        ExceptionDispatchInfo? failure;
        lock (_gate)
            failure = IsResting ? _failure : null;
        failure?.Throw();
    }

    /// <summary>An attempt has failed.</summary>
    public void Failed(Exception failure)
    {
        lock (_gate)
        {
            // Of several that were under way at once the first counts.
            if (!IsResting)
                (_failure, _failedAt, _rest) = (ExceptionDispatchInfo.Capture(failure), time.GetTimestamp(), _backoff.Next());
        }
    }

    /// <summary>An attempt has succeeded.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            _failure = null;
            _backoff.Reset();
        }
    }

    private bool IsResting => _failure is not null && time.GetElapsedTime(_failedAt) < _rest;
}
