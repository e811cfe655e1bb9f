namespace CallMirror.WsSink.Protocol;

/// <summary>How far a connection has come.</summary>
internal enum Phase
{
    AwaitingStart,
    Started,
    Streaming,
    Ended,
}

/// <summary>Which frame may come when: one row a rule.</summary>
internal static class Order
{
    public static Phase Next(Phase phase, FrameKind frame, out Refusal refusal)
    {
        (var next, refusal) = (phase, frame) switch
        {
            (Phase.AwaitingStart, FrameKind.Start) => (Phase.Started, Refusal.None),
            (Phase.AwaitingStart, FrameKind.Audio) => (phase, Refusal.BinaryBeforeStart),
            (Phase.AwaitingStart, _) => (phase, Refusal.StartExpected),
            (Phase.Ended, _) => (phase, Refusal.DataAfterEnd),
            (_, FrameKind.Start) => (phase, Refusal.SecondStart),
            (Phase.Streaming, FrameKind.Continue) => (phase, Refusal.ContinueAfterAudio),
            (_, FrameKind.Audio) => (Phase.Streaming, Refusal.None),
            (_, FrameKind.End) => (Phase.Ended, Refusal.None),
            _ => (phase, Refusal.None),
        };
        return next;
    }
}
