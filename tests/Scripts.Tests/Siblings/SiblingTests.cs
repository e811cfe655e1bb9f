using CallMirror.Scripts.Tests.Scripts;
using Kind = CallMirror.Scripts.Tests.Scripts.Press;
using static CallMirror.Scripts.Tests.Siblings.Sibling;

namespace CallMirror.Scripts.Tests.Siblings;

/// <summary>Two or more relatives of each case in <c>tests/data/cases</c>: the same kind of situation, another course of it.</summary>
public sealed class SiblingTests
{
    private static readonly Dictionary<string, Script> Kinds = new(StringComparer.Ordinal)
    {
        ["answer-lost: over UDP"] = Of(Call with { Missing = Missing.Answer }),
        ["answer-lost: the ACK too"] = Of(Call with { Missing = Missing.Answer | Missing.Ack }),
        ["answer-lost: a re-INVITE moves media later"] = Of(Call with { Missing = Missing.Answer, MoveAfterMs = 800 }),
        ["audio-before-any-answer: three seconds, then a re-INVITE"] = Of(Call with { AnswerMs = 3600, EarlyMs = 3200, EarlyIsAnnounced = false, MoveAfterMs = 800 }),
        ["audio-before-any-answer: after a challenge"] = Of(Call with { AnswerMs = 5400, EarlyMs = 5000, EarlyIsAnnounced = false, Challenge = Challenge.NextCSeq }),
        ["auth-new-from-tag: with early media"] = Of(Call with { Challenge = Challenge.NewFromTag, AnswerMs = 1500, EarlyMs = 1000 }),
        ["auth-new-from-tag: the caller behind NAT"] = Of(Call with { Challenge = Challenge.NewFromTag, Caller = HiddenPhone }),
        ["auth: the same CSeq with credentials"] = Of(Call with { Challenge = Challenge.SameCSeq }),
        ["big-invite-fragments: all with one identification, twice and out of order"] =
            Of(Call with { Carriage = new(SipOver.Fragments, SipCarriage.OfFragments), Challenge = Challenge.NextCSeq, HoldAfterMs = 600 }),
        ["big-invite-fragments: IPv6"] = Of(Call with { IsIPv6 = true, Carriage = new(SipOver.Fragments, SipCarriage.OfFragments), MoveAfterMs = 600 }),
        ["sip-over-tcp: cut, together, again and out of order"] =
            Of(Call with { Carriage = new(SipOver.Tcp, SipCarriage.OfSegments), Challenge = Challenge.NextCSeq, HoldAfterMs = 600 }),
        ["sip-over-tcp: two calls on one connection, IPv6"] = Of(
            Call with { IsIPv6 = true, Carriage = new(SipOver.Tcp, SipCarriage.OfSegments) },
            Call with { Id = 2, StartMs = 350, IsIPv6 = true, Callee = Pbx.MovedBy(2), Carriage = new(SipOver.Tcp, SipCarriage.OfSegments) }),
        ["callid-reuse: on the same ports"] = Of(Call, After(Call, 100) with { CallIdOf = 1 }),
        ["callid-reuse: three times"] = Of(Call, After(Call, 200) with { CallIdOf = 1, Callee = Pbx.MovedBy(2) }, After(After(Call, 200), 300) with { CallIdOf = 1, Callee = Pbx.MovedBy(4) }),
        ["fork-loser-talks-on: for a moment"] = Of(Call with { Fork = Fork.LoserSings, AnswerMs = 1500, EarlyMs = 1000, LoserTailMs = 100 }),
        ["fork-loser-talks-on: to the end"] = Of(Call with { Fork = Fork.LoserSings, AnswerMs = 1500, EarlyMs = 1000, LoserTailMs = 2300 }),
        ["fork-two-early-media: short"] = Of(Call with { Fork = Fork.BothSing, EarlyMs = 240 }),
        ["fork-two-early-media: long, and the loser goes on"] = Of(Call with { Fork = Fork.BothSing, AnswerMs = 4400, EarlyMs = 4000, LoserTailMs = 1500 }),
        ["long-early-media: then a hold"] = Of(Call with { AnswerMs = 216_500, EarlyMs = 216_000, ThinMs = 10_000, HoldAfterMs = 600 }),
        ["long-early-media: five minutes"] = Of(Call with { AnswerMs = 300_500, EarlyMs = 300_000, ThinMs = 5000 }),
        ["nat: only the PBX is behind one"] = Of(Call with { Callee = HiddenPbx }),
        ["nat-on-both-sides: the phone gets another port in mid call"] = Of(Call with { Caller = HiddenPhone, Callee = HiddenPbx, RebindAfterMs = 900 }),
        ["nat-on-both-sides: the PBX calls"] = Of(Call with { Caller = HiddenPbx, Callee = HiddenPhone }),
        ["nat-on-both-sides: two phones of one house at once"] =
            Of(Call with { Caller = HiddenPhone, Callee = HiddenPbx }, Call with { Id = 2, StartMs = 350, Caller = Neighbour, Callee = HiddenPbx.MovedBy(2) }),
        ["no-to-tag: hold and resume"] = Of(Call with { NoToTag = true, HoldAfterMs = 600 }),
        ["no-to-tag: media moves, the callee hangs up"] = Of(Call with { NoToTag = true, MoveAfterMs = 600, CalleeHangsUp = true }),
        ["redirect: busy after early media, then the next"] = Of(Call with { Fork = Fork.NextTry, RefusedWith = 486, FirstTryEarlyMs = 800, AnswerMs = 2000, EarlyMs = 400 }),
        ["redirect: without early media"] = Of(Call with { Fork = Fork.NextTry, RefusedWith = 302 }),
        ["redirect: a carrier that is out of order after a second of early media"] = Of(Call with { Fork = Fork.NextTry, RefusedWith = 503, FirstTryEarlyMs = 1000, AnswerMs = 1800 }),
        ["serial-fork: busy, then the next"] = Of(Call with { Fork = Fork.Serial, RefusedWith = 486 }),
        ["serial-fork: timed out, then the next"] = Of(Call with { Fork = Fork.Serial, RefusedWith = 408 }),
        ["serial-fork: two in vain, then the next"] = Of(Call with { Fork = Fork.Serial, Refusals = 2 }),
        ["serial-fork-no-answer: two ring out"] = Of(Call with { Fork = Fork.Serial, RefusedWith = 487, Refusals = 2 }),
        ["serial-fork-no-answer: then a re-INVITE moves media"] = Of(Call with { Fork = Fork.Serial, RefusedWith = 487, MoveAfterMs = 800 }),
        ["session-not-refreshed: ninety seconds"] = Of(Call with { SessionSeconds = 90, TalkMs = 150_000 }),
        ["session-not-refreshed: only the callee speaks for long"] = Of(Call with { SessionSeconds = 60, TalkMs = 120_000, MediaEvents = [new(MediaEventKind.Pause, 0, 20, 110_000)] }),
        ["two-hops: a re-INVITE moves media"] = Of(Call with { IsRelayed = true, MoveAfterMs = 800 }),
        ["two-hops: two calls at once"] = Of(Call with { IsRelayed = true }, Call with { Id = 2, StartMs = 250, IsRelayed = true, Caller = Phone.MovedBy(2), Callee = Pbx.MovedBy(2) }),
        ["zombie: and its neighbour behind one public address"] = Zombie(HiddenPhone, Neighbour, gapMs: 1500),
        ["zombie: the next call comes soon, from a phone in sight"] = Zombie(HiddenPhone, Phone, gapMs: 300),
        ["zombie: nobody is behind NAT"] = Zombie(Phone, Phone with { Host = "198.51.100.11" }, gapMs: 800),
        ["delay-burst: 150 ms"] = Of(With(Stall(150))),
        ["delay-burst: 450 ms"] = Of(With(Stall(450))),
        ["delay-burst: twice"] = Of(With(Stall(300), Stall(260, atPacket: 75))),
        ["delay-burst: both sides at once"] = Of(With(Stall(300), Stall(340, role: 1))),
        ["dtmf: another key under the same timestamp"] = Of(With(Press(Kind.AnotherUnderTheSameTimestamp))),
        ["dtmf: ends with new timestamps, of the callee"] = Of(With(Press(Kind.EndsWithNewTimestamps, role: 1))),
        ["dtmf: the same key twice, plainly"] = Of(With(Press(Kind.Plain), Press(Scripts.Press.Plain, atPacket: 60))),
        ["sequence-restart: by little more than a hundred"] = Of(With(Restart(140))),
        ["sequence-restart: by a thousand"] = Of(With(Restart(1000, role: 1))),
        ["sequence-restart: by half of all numbers"] = Of(With(Restart(32_000))),
        ["two-sources: an announcement over the voice"] = Of(Call with { OverlayAfterMs = 600 }),
        ["two-sources: from the beginning"] = Of(Call with { OverlayAfterMs = 40 }),
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sample_of_a_relative_is_in_its_call_and_in_its_place(string name)
    {
        var verdict = Verdict.Of(Kinds[name]);

        Assert.True(verdict.Faults.Count == 0, ScriptPrinter.Print(verdict));
    }

    private static Script Of(params CallPlan[] calls) => new(1, calls);

    private static Script Zombie(PartyPlan zombie, PartyPlan next, int gapMs)
    {
        var first = Call with { Caller = zombie, CalleeHangsUp = true, ZombieMs = 5000 };
        return Of(first, After(first, gapMs) with { Caller = next });
    }
}
