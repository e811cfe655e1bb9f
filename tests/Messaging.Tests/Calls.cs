using CallMirror.Contracts.Naming;

namespace CallMirror.Messaging.Tests;

/// <summary>The calls of tests.</summary>
internal static class Calls
{
    private const long EpochNs = 1_700_000_000_000_000_000;

    /// <summary>A call, or a later one of the same Call-ID.</summary>
    public static CallKey Key(string callId, long laterNs = 0) => new(callId, EpochNs + laterNs);
}
