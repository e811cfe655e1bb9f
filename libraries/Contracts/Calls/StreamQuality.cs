namespace CallMirror.Contracts.Calls;

/// <summary>What capture measured of one stream, published when the stream ends (RFC 3550 §6.4.1 and appendix A).</summary>
public sealed record StreamQuality : CallEvent
{
    /// <summary>0 = caller, 1 = callee.</summary>
    public required int Role { get; init; }

    /// <summary>RTP packets taken, telephone events included, duplicates not.</summary>
    public required long Packets { get; init; }

    /// <summary>Audio samples at the RTP clock.</summary>
    public required long Samples { get; init; }

    /// <summary>Packets that never came, by sequence number.</summary>
    public required long Lost { get; init; }

    /// <summary>Second copies, dropped.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Packets that came after their place had been given up, dropped.</summary>
    public required long Late { get; init; }

    /// <summary>Packets that came out of order and were put back.</summary>
    public required long Reordered { get; init; }

    /// <summary>Interarrival jitter at the end of the stream, in milliseconds (RFC 3550 A.8).</summary>
    public required double JitterMilliseconds { get; init; }

    /// <summary>How often RTP timestamps and arrival came apart, so that a new stretch began.</summary>
    public required int Stretches { get; init; }
}
