using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>When what of a call happens, in milliseconds of the script.</summary>
internal sealed class CallTimes(CallPlan plan)
{
    /// <summary>From a request inside a call to its 200.</summary>
    public const int ReplyMs = 30;

    /// <summary>From a 200 to its ACK.</summary>
    public const int AckMs = 10;

    /// <summary>How long a call is on hold.</summary>
    public const int HoldMs = 500;

    public int Invite => plan.StartMs;

    public int Answer => plan.AnsweredMs;

    public int Bye => plan.EndMs;

    public int EarlyBegin => plan.AnsweredMs - plan.EarlyMs;

    /// <summary>When both parties go to other ports; never where they do not.</summary>
    public int Move => plan.MoveAfterMs == 0 ? int.MaxValue : plan.AnsweredMs + plan.MoveAfterMs + ReplyMs;

    public bool IsOnHold(int ms) =>
        plan.HoldAfterMs != 0 && ms >= plan.AnsweredMs + plan.HoldAfterMs && ms < plan.AnsweredMs + plan.HoldAfterMs + HoldMs + ReplyMs;

    /// <summary>When the caller's NAT gives it another port.</summary>
    public int Rebind => plan.RebindAfterMs == 0 ? int.MaxValue : plan.AnsweredMs + plan.RebindAfterMs;

    /// <summary>Of thinned out audio most is not sent.</summary>
    public bool IsThinnedOut(int ms) => plan.ThinMs != 0 && ms < plan.AnsweredMs && (ms - EarlyBegin) % plan.ThinMs >= 160;
}
