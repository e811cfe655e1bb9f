using CallMirror.Capture.Hearing;

namespace CallMirror.Capture.Tests.Hearing;

/// <summary>What is said of an interface: counts and the time go in, sentences come out.</summary>
public sealed class MirrorHearingTests
{
    private static readonly CallsHeard BothWays = new(Up: 3, BySip: 3, BothWays: 3, OneWay: 0, Silent: 0);

    private readonly CaptureOptions _options = new();
    private readonly List<string> _said = [];
    private readonly Lazy<MirrorHearing> _hearing;
    private HeardCounts _counts;
    private int _second;

    public MirrorHearingTests() => _hearing = new Lazy<MirrorHearing>(() => new MirrorHearing("eth1", _options));

    [Fact]
    public void A_dead_mirror_is_said_after_ten_seconds_and_each_minute()
    {
        Pass(9);
        Assert.Empty(_said);
        Pass(1);
        Assert.Equal(["! eth1: no packets yet: is anything mirrored to it, and does the filter let it through?"], _said);
        Pass(59);
        Assert.Single(_said);
        Pass(61);
        Assert.Equal(3, _said.Count);
        Assert.Single(_said.Distinct());
    }

    [Fact]
    public void A_mirror_that_is_well_is_said_once_and_again_after_it_was_dead()
    {
        Pass(600, packets: 400, sip: 1, rtp: 390, BothWays);
        Assert.Equal(["eth1: 400 packets/s, 3 calls, SIP and RTP both ways"], _said);

        Pass(130);
        Assert.Equal(["! eth1: no packets for 70 s: is the mirror still on?", "! eth1: no packets for 2 min: is the mirror still on?"], _said[1..]);
        Pass(60, packets: 400, sip: 1, rtp: 390, BothWays);
        Assert.Equal("eth1: 400 packets/s, 3 calls, SIP and RTP both ways", Assert.Single(_said[3..]));
    }

    [Fact]
    public void Packets_of_others_alone_are_said()
    {
        Pass(10, packets: 2);
        Assert.Equal(
            ["! eth1: packets, but neither SIP nor RTP for 10 s: mirror the port of the PBX (SIP over TLS and tunnels are not read)"], _said);
    }

    [Fact]
    public void An_interface_with_a_packet_of_its_own_now_and_then_hears_neither()
    {
        Pass(1, packets: 1);
        Pass(129);
        Assert.Equal(3, _said.Count);
        Assert.StartsWith("! eth1: packets, but neither SIP nor RTP for 2 min: mirror the port of the PBX", _said[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Packets_of_others_behind_calls_are_a_mirror_that_is_off()
    {
        Pass(10, packets: 400, sip: 1, rtp: 390, BothWays);
        Pass(60, packets: 1);
        Assert.Equal("! eth1: packets, but neither SIP nor RTP for 60 s: is the mirror still on?", _said[1]);
    }

    [Fact]
    public void Answered_calls_without_rtp_are_said_each_minute()
    {
        Pass(130, packets: 1, sip: 1, calls: new(Up: 2, BySip: 2, BothWays: 0, OneWay: 0, Silent: 2));
        Assert.Equal(3, _said.Count);
        Assert.Equal(
            "! eth1: SIP but no RTP: 130 SIP messages, 2 answered calls without a packet; "
            + "mirror the RTP ports too, or the media runs past this mirror",
            _said[2]);
    }

    [Fact]
    public void While_they_are_up_it_is_enough_that_their_sip_was_heard()
    {
        Pass(5, packets: 3, sip: 3);
        Pass(45, packets: 1, calls: new(Up: 1, BySip: 1, BothWays: 0, OneWay: 0, Silent: 1));
        Pass(20, packets: 1, sip: 1, calls: new(Up: 1, BySip: 1, BothWays: 0, OneWay: 0, Silent: 1));
        Assert.StartsWith("! eth1: SIP but no RTP: 15 SIP messages, 1 answered call ", _said[0], StringComparison.Ordinal);
        Assert.StartsWith("! eth1: SIP but no RTP: 35 SIP messages, 1 answered call ", _said[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Sip_without_a_call_is_said_once_and_nothing_new_on_a_line_that_was_well()
    {
        Pass(300, packets: 1, sip: 1);
        Assert.Equal(["eth1: SIP but no RTP: 10 SIP messages, no call that is answered"], _said);
        Pass(60, packets: 400, sip: 1, rtp: 390, BothWays);
        Pass(300, packets: 1, sip: 1);
        Assert.Equal(2, _said.Count);
        Pass(60, packets: 400, sip: 1, rtp: 390, BothWays);
        Assert.Equal(2, _said.Count);
    }

    [Fact]
    public void Rtp_without_sip_is_said_once()
    {
        Pass(130, packets: 100, rtp: 100, calls: BothWays with { BySip = 0 });
        Assert.Equal(["eth1: RTP but no SIP: 100 packets/s, calls are found by their media alone; mirror the SIP port too"], _said);
    }

    [Fact]
    public void Calls_that_sip_has_named_talk_for_long_without_sip()
    {
        Pass(130, packets: 100, rtp: 100, calls: BothWays);
        Assert.Equal(["eth1: 100 packets/s, 3 calls, SIP and RTP both ways"], _said);
    }

    [Fact]
    public void Rtp_of_one_side_in_half_of_the_calls_is_the_mirror()
    {
        Pass(70, packets: 50, sip: 1, rtp: 50, BothWays with { BothWays = 1, OneWay = 1 });
        Assert.Equal(2, _said.Count);
        Assert.Equal("! eth1: RTP one way: in 1 of 2 calls one side alone is heard; mirror both directions", _said[1]);
    }

    [Fact]
    public void Rtp_of_one_side_in_a_call_of_many_is_that_call()
    {
        Pass(70, packets: 50, sip: 1, rtp: 50, BothWays with { BothWays = 2, OneWay = 1 });
        Assert.Equal(["eth1: 50 packets/s, 3 calls, SIP and RTP both ways"], _said);
    }

    [Fact]
    public void A_look_that_comes_late_is_no_reason_to_say_it_twice()
    {
        Assert.NotNull(_hearing.Value.Hear(_counts, TimeSpan.FromSeconds(100)));
        Assert.Null(_hearing.Value.Hear(_counts, TimeSpan.FromSeconds(129)));
        Assert.NotNull(_hearing.Value.Hear(_counts, TimeSpan.FromSeconds(130)));
    }

    [Fact]
    public void Silence_of_a_minute_is_missing_and_at_the_start_of_ten_seconds()
    {
        Pass(9);
        Assert.Null(Missing);
        Pass(1);
        Assert.StartsWith("eth1: no packets yet", Missing, StringComparison.Ordinal);
        Pass(1, packets: 1, rtp: 1);
        Assert.Null(Missing);
        Pass(59, packets: 1);
        Assert.Null(Missing);
        Pass(1, packets: 1);
        Assert.StartsWith("eth1: packets, but neither SIP nor RTP for 60 s", Missing, StringComparison.Ordinal);
        Pass(60);
        Assert.StartsWith("eth1: no packets for 60 s", Missing, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_quiet_line_silence_is_normal_for_as_long_as_is_set()
    {
        _options.QuietFor = TimeSpan.FromHours(1);
        Pass(3599);
        // What is heard is said at first, wherever it may be normal.
        Assert.Equal(["eth1: no packets yet: is anything mirrored to it, and does the filter let it through?"], _said);
        Assert.Null(Missing);
        Pass(60);
        Assert.StartsWith("! eth1: no packets yet", Assert.Single(_said[1..]), StringComparison.Ordinal);
        Assert.NotNull(Missing);
        Pass(3000, packets: 1, sip: 1);
        Pass(1800);
        Assert.Null(Missing);
    }

    [Fact]
    public void Where_zero_is_set_silence_is_always_normal()
    {
        _options.QuietFor = TimeSpan.Zero;
        Pass(100_000);
        Assert.Single(_said);
        Assert.Null(Missing);
    }

    [Fact]
    public void Silence_is_told_in_hours_at_last()
    {
        Pass(10, packets: 1, sip: 1);
        Pass(3 * 3600);
        Assert.Contains("no packets for 90 min", string.Join('\n', _said), StringComparison.Ordinal);
        Assert.StartsWith("eth1: no packets for 3 h: ", Missing, StringComparison.Ordinal);
    }

    private string? Missing => _hearing.Value.MissingAt(TimeSpan.FromSeconds(_second));

    // So much comes each second.
    private void Pass(int seconds, long packets = 0, long sip = 0, long rtp = 0, CallsHeard? calls = null)
    {
        for (int i = 0; i < seconds; i++)
        {
            _counts = new HeardCounts(_counts.Packets + packets, _counts.Sip + sip, _counts.Rtp + rtp, calls ?? default);
            if (_hearing.Value.Hear(_counts, TimeSpan.FromSeconds(++_second)) is { } line)
                _said.Add((line.IsProblem ? "! " : "") + line.Sentence);
        }
    }
}
