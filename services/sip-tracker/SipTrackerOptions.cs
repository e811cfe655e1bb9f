using System.ComponentModel.DataAnnotations;
using CallMirror.Contracts.Naming;

namespace CallMirror.SipTracker;

/// <summary>How sip-tracker follows calls. All times are packets' time.</summary>
public sealed class SipTrackerOptions : IValidatableObject
{
    /// <summary>The groups of gateways that get a lane of each call's audio.</summary>
    [Required]
    public string[] LaneGroups { get; set; } = ["default"];

    /// <summary>The SQLite file that keeps the calls over a restart; null keeps them in memory only, as a capture file wants it.</summary>
    public string? StatePath { get; set; }

    /// <summary>Calls at one time, those just ended included; what goes beyond is dropped and counted.</summary>
    [Range(1, 10_000_000)]
    public int MaxCalls { get; set; } = 50_000;

    /// <summary>Headers of the INVITE that tie calls together, the first present wins. Session-ID: RFC 7989.</summary>
    [Required]
    public string[] CorrelationHeaders { get; set; } = ["X-Correlation-ID", "X-FS-Call-UUID", "Session-ID"];

    /// <summary>How long a message waits for what it belongs to, where the mirror has changed their order.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan HoldBack { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after a 401 or 407 the next INVITE may take (RFC 3261 §22.2).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ChallengeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call may go without any message before its answer: timer C, over three minutes (RFC 3261 §16.6).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan InviteTimeout { get; set; } = TimeSpan.FromSeconds(180 + 32);

    /// <summary>How long an answered call without session timer (RFC 4028) may go without any message.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long an ended call absorbs retransmissions: 64*T1 (RFC 3261 §17.2.1).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan EndedMemory { get; set; } = TimeSpan.FromSeconds(32);

    /// <summary>
    /// How long all that is said of calls is held back, answers to capture included, in their order. For tests, and to try how late answers look.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan AnswerDelay { get; set; }

    /// <summary>
    /// Whether the clock moves timers on while no SIP comes: right for live packets. Off for a file, whose packets have their own time.
    /// </summary>
    public bool IsLive { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LaneGroups.Length == 0)
            yield return new ValidationResult("CallMirror:SipTracker:LaneGroups must name at least one group", [nameof(LaneGroups)]);
        foreach (string group in LaneGroups.Where(group => !GatewayGroup.IsValid(group)))
            yield return new ValidationResult($"CallMirror:SipTracker:LaneGroups: '{group}' is no name of a group: {GatewayGroup.Rule}", [nameof(LaneGroups)]);
    }
}
