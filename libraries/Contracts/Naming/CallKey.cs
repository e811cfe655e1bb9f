using CallMirror.Contracts.Calls;

namespace CallMirror.Contracts.Naming;

/// <summary>The name of one call: a Call-ID may be used again, and then the epoch tells its calls apart.</summary>
/// <param name="CallId">The SIP Call-ID.</param>
/// <param name="EpochNs">Capture time of position 0 in nanoseconds since the Unix epoch, to the 100 ns that events carry.</param>
public readonly record struct CallKey(string CallId, long EpochNs)
{
    private const long EventResolution = 100;

    /// <summary>Capture time of position 0 in nanoseconds since the Unix epoch, to the 100 ns that events carry.</summary>
    public long EpochNs { get; } = EpochNs - (EpochNs % EventResolution);

    /// <summary>The call of an event; only where the event <see cref="Names"/> one.</summary>
    public static CallKey Of(CallEvent callEvent) => new(callEvent.CallId, CaptureTime.ToNanoseconds(callEvent.StartedAt));

    /// <summary>Whether an event names one call: else, from a sender of an earlier version, it means the latest of its Call-ID.</summary>
    public static bool Names(CallEvent callEvent) => callEvent.StartedAt != default;

    /// <summary>Whether a time since the Unix epoch is this call's.</summary>
    public bool IsEpoch(long epochNs) => EpochNs == epochNs - (epochNs % EventResolution);

    /// <inheritdoc/>
    public override string ToString() => CallId;
}
