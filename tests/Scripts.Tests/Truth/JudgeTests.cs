using CallMirror.Contracts.Calls;
using CallMirror.Scripts.Tests.Product;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Wire;

namespace CallMirror.Scripts.Tests.Truth;

/// <summary>The judge finds what is wrong: outputs with one fault each, made of one without.</summary>
public sealed class JudgeTests
{
    private const int PacketSamples = 160;

    private readonly Stage _stage = ScriptPlayer.Play(new Script(1, [Plain(0), Plain(1)]));

    [Fact]
    public void What_stands_as_it_was_sent_is_right() => Assert.Empty(Judge.Faults(_stage, Right()));

    [Fact]
    public void What_the_product_makes_of_plain_calls_is_right() =>
        Assert.Empty(Verdict.Of(new Script(1, [Plain(0), Plain(1)])).Faults);

    [Fact]
    public void A_packet_that_is_missing_is_lost() => AssertFault(FaultKind.Lost, packets => packets.RemoveAt(3));

    [Fact]
    public void A_packet_that_comes_again_is_doubled() => AssertFault(FaultKind.Doubled, packets => packets.Add((packets[^1].At + 8000, packets[3].Content)));

    [Fact]
    public void A_packet_a_sample_beside_its_place_is_misplaced() => AssertFault(FaultKind.Misplaced, packets => packets[40] = (packets[40].At + 1, packets[40].Content));

    [Fact]
    public void A_packet_of_another_call_is_foreign() =>
        AssertFault(FaultKind.Foreign, packets => packets.Add((packets[^1].At + 8000, _stage.Sent.First(packet => packet.Call == 1).Content)));

    [Fact]
    public void Half_a_packet_is_cut() => AssertFault(FaultKind.Cut, packets => packets[^1] = (packets[^1].At, packets[^1].Content[..80]));

    [Fact]
    public void Another_end_is_told() =>
        Assert.Contains(FaultKind.Ended, Judge.Faults(_stage, Right(reason: EndReason.Timeout)).Select(fault => fault.Kind));

    private static CallPlan Plain(int id) => new()
    {
        Id = id,
        StartMs = 100 * id,
        Caller = new PartyPlan("198.51.100.10", 40_000 + id),
        Callee = new PartyPlan("192.0.2.1", 16_384 + id),
    };

    private void AssertFault(FaultKind kind, Action<List<(long At, byte[] Content)>> spoil) =>
        Assert.Contains(kind, Judge.Faults(_stage, Right(spoil)).Select(fault => fault.Kind));

    private Dictionary<StreamName, HeardStream> Right(Action<List<(long At, byte[] Content)>>? spoil = null, EndReason reason = EndReason.Bye)
    {
        Dictionary<StreamName, HeardStream> heard = [];
        foreach (var sender in _stage.Sent.GroupBy(packet => (packet.Call, packet.Role)))
        {
            var call = _stage.Calls.Single(each => each.Call == sender.Key.Call);
            var packets = sender.Select(packet => (packet.HeardAt - call.FromNs / 125_000, packet.Content)).ToList();
            if (sender.Key == (0, 0))
                spoil?.Invoke(packets);
            var stream = heard[new StreamName(call.CallId, call.FromNs, sender.Key.Role)] = new HeardStream();
            foreach (var (at, content) in packets)
                stream.Add(at, content);
            stream.End(packets[^1].Item1 + PacketSamples, reason);
        }

        return heard;
    }
}
