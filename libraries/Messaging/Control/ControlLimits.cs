using System.ComponentModel.DataAnnotations;

namespace CallMirror.Messaging.Control;

/// <summary>How much the broker keeps in a queue of the control plane; the oldest messages beyond go to the dead letters. Section <c>CallMirror:Broker</c>.</summary>
public sealed class ControlLimits
{
    /// <summary>Bytes in one queue.</summary>
    [Range(64 * 1024, 1L << 40, ErrorMessage = "CallMirror:Broker:ControlMaxBytes must be between 65536 and 1099511627776.")]
    public long ControlMaxBytes { get; set; } = 64L << 20;

    /// <summary>Age of a message in a queue.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "20.00:00:00", ErrorMessage = "CallMirror:Broker:ControlMaxAge must be between a second and 20 days.")]
    public TimeSpan ControlMaxAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the queue of a process that is gone stays, where the broker did not see it go.</summary>
    internal static TimeSpan OrphanedAfter => TimeSpan.FromMinutes(2);

    /// <summary>How long dead letters are kept.</summary>
    internal static TimeSpan DeadMaxAge => TimeSpan.FromDays(7);
}
