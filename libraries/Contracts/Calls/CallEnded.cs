namespace CallMirror.Contracts.Calls;

/// <summary>The call is over; each call that started gets exactly one.</summary>
public sealed record CallEnded : CallEvent
{
    /// <summary>Why.</summary>
    public required EndReason Reason { get; init; }

    /// <summary>The final status of the INVITE, where it decided: 486, 404, 487 ...</summary>
    public int? StatusCode { get; init; }

    /// <summary>The role that ended it (sent BYE or CANCEL), where known.</summary>
    public int? By { get; init; }
}
