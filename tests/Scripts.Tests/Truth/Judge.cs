using CallMirror.Scripts.Tests.Product;
using CallMirror.Scripts.Tests.Wire;

namespace CallMirror.Scripts.Tests.Truth;

/// <summary>Holds what came out against what was sent.</summary>
internal sealed class Judge
{
    private const int MaxTurns = 3;

    private readonly Stage _stage;
    private readonly PacketIndex _index;
    private readonly List<Fault> _faults = [];
    private readonly Dictionary<CallTruth, HashSet<long>> _epochs = [];
    private readonly HashSet<SentPacket> _heard = [];
    private readonly Dictionary<SentPacket, string> _found = [];
    private readonly Dictionary<(CallTruth Call, int Role), List<int>> _digits = [];

    private Judge(Stage stage) => (_stage, _index) = (stage, new PacketIndex(stage.Sent));

    /// <summary>All that is wrong.</summary>
    public static List<Fault> Faults(Stage stage, IReadOnlyDictionary<StreamName, HeardStream> heard)
    {
        var judge = new Judge(stage);
        foreach (var (name, stream) in heard.OrderBy(each => each.Key.EpochNs))
            judge.Hear(name, stream);
        foreach (var (call, epochs) in judge._epochs.Where(each => each.Value.Count > 1 && !each.Key.MaySplit))
            judge.Add(FaultKind.Split, $"call {call.Call} has {epochs.Count} epochs");
        judge.CompareDigits();
        judge.Miss();
        return judge._faults;
    }

    /// <summary>What is different in two outputs of the same frames.</summary>
    public static IEnumerable<Fault> Differences(
        IReadOnlyDictionary<StreamName, HeardStream> prompt, IReadOnlyDictionary<StreamName, HeardStream> late, int delayMs)
    {
        var names = prompt.Concat(late).Where(each => each.Value.Runs.Count > 0).Select(each => each.Key).Distinct();
        foreach (var name in names)
        {
            string? difference = !prompt.TryGetValue(name, out var first) ? "only late"
                : !late.TryGetValue(name, out var second) ? "only at once"
                : first.DifferenceFrom(second);
            if (difference is not null)
                yield return new Fault(FaultKind.Differs, $"answers {delayMs} ms late: {name.CallId} at {name.EpochNs} role {name.Role}: {difference}");
        }
    }

    private void Hear(StreamName name, HeardStream stream)
    {
        var (packets, cut) = _index.Read(name, stream);
        if (cut > 0)
            Add(FaultKind.Cut, $"{cut} samples in {name.CallId} role {name.Role}");
        var owner = _stage.Calls.Where(call => call.CallId == name.CallId && call.FromNs <= name.EpochNs).MaxBy(call => call.FromNs);
        if (owner is null)
        {
            foreach (var placed in packets)
                _found[placed.Packet] = name.CallId;
            return;
        }

        if (packets.Count == 0)
            return;
        if (!_epochs.TryGetValue(owner, out var epochs))
            _epochs[owner] = epochs = [];
        epochs.Add(name.EpochNs);
        if (!owner.MaySplit && owner.Reason is { } reason && stream.Ended != reason)
            Add(FaultKind.Ended, $"call {owner.Call} role {name.Role}: {stream.Ended?.ToString() ?? "never"} instead of {reason}");
        if (!_digits.TryGetValue((owner, name.Role), out var digits))
            _digits[(owner, name.Role)] = digits = [];
        digits.AddRange(stream.Digits);
        Compare(owner, name.Role, packets);
    }

    // Of all that a call is told as: where a try in vain is one of its own, its keys are pressed in the other.
    private void CompareDigits()
    {
        foreach (var ((call, role), told) in _digits)
        {
            var pressed = _stage.Digits.Where(key => key.Call == call.Call && key.Role == role).Select(key => key.Code).ToList();
            if (!pressed.SequenceEqual(told))
                Add(FaultKind.Digits, $"call {call.Call} role {role}: {string.Join(' ', told)}, not {string.Join(' ', pressed)}");
        }
    }

    private void Compare(CallTruth owner, int role, List<Placement> packets)
    {
        string where = $"in call {owner.Call} role {role}";
        var own = packets.Where(each => IsOf(each.Packet, owner, role)).ToList();
        AddAll(FaultKind.Foreign, where, packets.Where(each => !IsOf(each.Packet, owner, role)).Select(each => each.Packet));
        AddAll(FaultKind.Doubled, where, own.Where(each => !_heard.Add(each.Packet)).Select(each => each.Packet));
        var off = own.Where(each => each.Packet.Duty == Duty.Must && Math.Abs(each.Off) > each.Packet.ToleranceSamples).ToList();
        if (off.Count > 0)
        {
            string by = $"by {off.Min(each => each.Off / 8.0):0.#} to {off.Max(each => each.Off / 8.0):0.#} ms";
            AddAll(FaultKind.Misplaced, $"{where}, {by}", off.Select(each => each.Packet));
        }

        int turns = own.Zip(own.Skip(1)).Count(pair => pair.First.Packet.Source != pair.Second.Packet.Source);
        if (turns > MaxTurns)
            Add(FaultKind.Slices, $"{where}: {turns} turns");
    }

    private static bool IsOf(SentPacket packet, CallTruth owner, int role) =>
        packet.Call == owner.Call && packet.Role == role && packet.Duty != Duty.Nowhere;

    private void Miss()
    {
        var all = _stage.Sent.Where(packet => packet.Duty == Duty.Must && !_heard.Contains(packet));
        foreach (var missing in all.GroupBy(packet => (packet.Call, packet.Role)))
        {
            string found = string.Join(", ", missing.Where(_found.ContainsKey).Select(packet => _found[packet]).Distinct());
            AddAll(FaultKind.Lost, found.Length == 0 ? "" : $"(found as {found})", missing);
        }
    }

    private void AddAll(FaultKind kind, string where, IEnumerable<SentPacket> packets)
    {
        foreach (var sender in packets.GroupBy(packet => (packet.Call, packet.Role, packet.Source)))
        {
            string numbers = $"{sender.Min(each => each.Index)} to {sender.Max(each => each.Index)}";
            Add(kind, $"{sender.Count()} packets of call {sender.Key.Call} role {sender.Key.Role} source {sender.Key.Source}, {numbers} {where}");
        }
    }

    private void Add(FaultKind kind, string text) => _faults.Add(new Fault(kind, text));
}
