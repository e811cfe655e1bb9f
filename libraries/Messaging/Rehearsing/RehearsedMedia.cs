using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;

namespace CallMirror.Messaging.Rehearsing;

/// <summary>Media messages of made-up calls: a tenth of a second each.</summary>
public static class RehearsedMedia
{
    private const long NanosecondsInMessage = 100_000_000;

    /// <summary>The header of a call's message.</summary>
    /// <param name="kind">Batch or chunk.</param>
    /// <param name="call">The call.</param>
    /// <param name="number">From 0.</param>
    /// <param name="sampleRate">In Hz.</param>
    public static MediaHeader Header(MediaKind kind, in CallKey call, int number, int sampleRate) => new()
    {
        Kind = kind,
        Source = 1,
        Sequence = (uint)number,
        SampleRate = sampleRate,
        Epoch = call.EpochNs,
        CapturedAt = call.EpochNs + (number * NanosecondsInMessage),
    };
}
