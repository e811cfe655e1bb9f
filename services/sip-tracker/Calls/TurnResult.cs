namespace CallMirror.SipTracker.Calls;

/// <summary>What a turn made of its message.</summary>
internal enum TurnResult : byte
{
    /// <summary>It took part, or was a retransmission.</summary>
    Taken,

    /// <summary>It came before what it belongs to.</summary>
    TooEarly,

    Stale,
    ForeignDialog,
    AfterEnd,
}
