using System.ComponentModel.DataAnnotations;

namespace CallMirror.Messaging.InProcess;

/// <summary>What a full queue of the in-process media bus does.</summary>
public enum WhenFull
{
    /// <summary>The publisher waits: right for a file, which can be read at any speed.</summary>
    Wait,

    /// <summary>The oldest message is dropped and counted: right for live packets, which can't wait.</summary>
    DropOldest,
}

/// <summary>Bounds of the in-process media bus.</summary>
public sealed class InProcessMediaOptions
{
    /// <summary>Messages in the transcoders' work queue.</summary>
    [Range(1, 1_000_000)]
    public int WorkQueueLength { get; set; } = 256;

    /// <summary>
    /// Messages in one lane; at the default window, ten are a second. A bus added by <see cref="InProcessMediaServices"/> for a publisher that waits has 8, one that drops 128.
    /// </summary>
    [Range(1, 1_000_000)]
    public int LaneLength { get; set; } = 64;

    /// <summary>Messages in one tap, whose oldest is dropped when it is full: a tap must not hold up a lane.</summary>
    [Range(1, 1_000_000)]
    public int TapLength { get; set; } = 256;

    /// <summary>What happens when the work queue or a lane is full.</summary>
    public WhenFull WhenFull { get; set; } = WhenFull.Wait;
}
