using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests.Siblings;

/// <summary>Calls in the language of the scripts, for relatives of the cases in <c>tests/data/cases</c>.</summary>
internal static class Sibling
{
    public static readonly PartyPlan Pbx = new("192.0.2.1", 16_384);
    public static readonly PartyPlan Phone = new("198.51.100.10", 40_000);
    public static readonly PartyPlan HiddenPbx = new("10.0.0.5", 16_384, "192.0.2.80");
    public static readonly PartyPlan HiddenPhone = new("203.0.113.77", 50_123, "192.168.1.20", 4000) { SipPort = 61_000 };

    public static readonly CallPlan Call = new() { Id = 1, StartMs = 0, Caller = Phone, Callee = Pbx, AnswerMs = 600, TalkMs = 2400 };

    /// <summary>A phone behind the same NAT.</summary>
    public static PartyPlan Neighbour => HiddenPhone with { Port = HiddenPhone.Port + 10, SipPort = HiddenPhone.SipPort + 10 };

    /// <summary>The second call, so long after the end of the first.</summary>
    public static CallPlan After(CallPlan first, int ms) => Call with { Id = first.Id + 1, StartMs = first.EndMs + ms };

    public static CallPlan With(params MediaEvent[] events) => Call with { TalkMs = 3200, MediaEvents = events };

    public static MediaEvent Stall(int ms, int role = 0, int atPacket = 30) => new(MediaEventKind.Stall, role, atPacket, ms);

    public static MediaEvent Restart(int back, int role = 0) => new(MediaEventKind.SequenceRestart, role, 50, back);

    public static MediaEvent Press(Press press, int role = 0, int atPacket = 30) => new(MediaEventKind.Digit, role, atPacket, (int)press);
}
