namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>Makes scripts at random: the same seed makes the same script. What nobody could tell apart is left out.</summary>
internal sealed class ScriptMaker
{
    private const int MaxCalls = 4;

    // Dice of their own: what the calls are does not depend on what carries them.
    private const int Carriages = 46;
    private const int IPv6Percent = 20;

    private readonly Dice _dice;
    private readonly Dice _carriages;
    private readonly List<CallPlan> _calls = [];
    private readonly bool _pbxIsBehindNat;
    private readonly bool _phonesShareNat;

    private ScriptMaker(int seed)
    {
        (_dice, _carriages) = (Dice.Of(seed), Dice.Of(seed, Carriages));
        (_pbxIsBehindNat, _phonesShareNat) = (_dice.Percent(15), _dice.Percent(30));
    }

    public static Script Make(int seed)
    {
        var maker = new ScriptMaker(seed);
        int count = maker._dice.Between(1, MaxCalls);
        for (int i = 0; i < count; i++)
            maker.AddCall(i);
        return new Script(seed, maker._calls) { IsDoubled = maker._dice.Percent(15), LagMs = maker._dice.Percent(15) ? 12 : 0 };
    }

    private void AddCall(int id)
    {
        var plan = new CallPlan
        {
            Id = id,
            StartMs = _dice.Between(0, 1500),
            Caller = Phone(id),
            Callee = Pbx(id),
            AnswerMs = _dice.Between(250, 900),
            TalkMs = _dice.Between(1200, 2500),
            TailMs = _dice.Between(0, 3) * 20,
            CalleeHangsUp = _dice.Percent(30),
            IsIPv6 = _carriages.Percent(IPv6Percent),
            Carriage = SipCarriage.Roll(_carriages),
        };
        for (int features = _dice.Between(0, 2); features > 0; features--)
            plan = Feature(plan);
        if (id > 0 && _dice.Percent(60))
            plan = Relate(plan, _dice.Between(0, id - 1));
        _calls.Add(Possible.Of(plan));
    }

    private PartyPlan Phone(int id)
    {
        if (!_dice.Percent(25))
            return new PartyPlan($"198.51.100.{10 + id}", 40_000 + 4 * id);
        return new PartyPlan(_phonesShareNat ? "203.0.113.7" : $"203.0.113.{10 + id}", 50_000 + 4 * id, "192.168.1.20", 4000) { SipPort = 61_000 + id };
    }

    private PartyPlan Pbx(int id) =>
        _pbxIsBehindNat ? new PartyPlan("10.0.0.5", 16_384 + 2 * id, "192.0.2.80") : new PartyPlan("192.0.2.1", 16_384 + 2 * id);

    private CallPlan Feature(CallPlan plan) => _dice.Between(0, 15) switch
    {
        0 => plan with { Challenge = _dice.Of(Challenge.NextCSeq, Challenge.NewFromTag, Challenge.SameCSeq) },
        1 => plan with { Fork = Fork.Serial, RefusedWith = _dice.Of(503, 486, 408, 487) },
        2 => plan with { Fork = _dice.Of(Fork.LoserSings, Fork.BothSing), EarlyMs = _dice.Between(10, 60) * 20, LoserTailMs = _dice.Of(0, 300, 1000) },
        3 => plan with { EarlyMs = _dice.Between(10, 75) * 20 },
        4 => plan with { EarlyMs = _dice.Percent(75) ? _dice.Between(1, 4) * 20 : _dice.Between(25, 275) * 20, EarlyIsAnnounced = false },
        5 => plan with { Missing = _dice.Of(Missing.Answer, Missing.Ack, Missing.Bye, Missing.Answer | Missing.Ack) },
        6 => plan with { NoToTag = true },
        7 => plan with { MoveAfterMs = _dice.Between(20, 40) * 20 },
        8 => plan with { HoldAfterMs = _dice.Between(20, 40) * 20 },
        9 => plan with { LossPercent = _dice.Between(1, 5), JitterMs = _dice.Of(0, 8, 25) },
        10 => plan with { Fork = Fork.NextTry, RefusedWith = _dice.Of(302, 486, 503), FirstTryEarlyMs = _dice.Of(0, 400, 800) },
        11 => plan with { IsRelayed = true },
        12 => plan with { RebindAfterMs = _dice.Between(20, 40) * 20 },
        13 => plan with { OverlayAfterMs = _dice.Between(5, 10) * 20 },
        14 when _dice.Percent(15) => plan with { EarlyMs = 216_000, ThinMs = 10_000 },
        _ => plan with { MediaEvents = [Happens(role: _dice.Between(0, 1))] },
    };

    private MediaEvent Happens(int role) => _dice.Between(0, 8) switch
    {
        0 or 1 => new(MediaEventKind.Stall, role, _dice.Between(15, 30), _dice.Between(10, 22) * 20),
        2 => new(MediaEventKind.PauseWithoutClock, role, _dice.Between(15, 30), _dice.Between(35, 55) * 20),
        3 => new(MediaEventKind.Pause, role, _dice.Between(15, 30), _dice.Between(35, 55) * 20),
        4 => new(MediaEventKind.Pause, role, _dice.Between(15, 30), 40),
        5 => new(MediaEventKind.SequenceRestart, role, _dice.Between(15, 30), _dice.Of(150, 1000, 20_000)),
        6 or 7 => new(MediaEventKind.Digit, role, _dice.Between(15, 30), _dice.Between(0, 2)),
        _ => new(MediaEventKind.TimestampJump, role, _dice.Between(15, 30), _dice.Of(12_638, -12_318, 50_000)),
    };

    // The call has something of an earlier one: its address at the same time, or its ports or its name after it.
    private CallPlan Relate(CallPlan plan, int id)
    {
        var earlier = _calls[id];
        var alone = plan;
        plan = plan with { IsIPv6 = earlier.IsIPv6 };
        var after = plan with { StartMs = earlier.EndMs + _dice.Between(100, 1000) };
        switch (_dice.Between(0, 5))
        {
            case 0 or 1 when Possible.CanShare(plan) && Possible.CanShare(earlier):
                return plan with { Caller = earlier.Caller };
            case 2 when CanFollow(earlier):
                return after with { Caller = earlier.Caller };
            case 3 when CanFollow(earlier):
                return after with { Callee = earlier.Callee };
            case 4 when CanFollow(earlier) && earlier.Caller != plan.Caller:
                _calls[id] = earlier with { ZombieMs = _dice.Between(40, 200) * 20, CalleeHangsUp = true };
                return plan with { StartMs = earlier.EndMs + _dice.Between(300, 1500), Callee = earlier.Callee };
            case 5 when CanFollow(earlier):
                return after with
                {
                    CallIdOf = earlier.CallIdOf ?? earlier.Id,
                    Caller = earlier.Caller,
                    Callee = _dice.Percent(50) ? earlier.Callee : plan.Callee,
                    Missing = plan.Missing & ~Missing.Answer,
                };
            default:
                return alone;
        }
    }

    // Two that came after the same call would be on its ports at once.
    private bool CanFollow(CallPlan earlier) =>
        !earlier.Missing.HasFlag(Missing.Bye) && earlier.MoveAfterMs == 0
        && !_calls.Any(call => call.Id != earlier.Id && (IsSamePort(call.Caller, earlier.Caller) || IsSamePort(call.Callee, earlier.Callee)));

    // On the wire: what a plan can't have together with NAT has taken it out of one of two.
    private static bool IsSamePort(PartyPlan one, PartyPlan other) => (one.Host, one.Port) == (other.Host, other.Port);
}
