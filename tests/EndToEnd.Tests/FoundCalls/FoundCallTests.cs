using CallMirror.AllInOne.Commands;

namespace CallMirror.EndToEnd.Tests.FoundCalls;

/// <summary>Calls that a tap finds in their middle, by their media alone: what a listener is told beside their audio.</summary>
public sealed class FoundCallTests : IDisposable
{
    private const int TelephoneEvent = 101;
    private const double ToleranceMs = 60;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Renegotiated.PbxFirst, null)]
    [InlineData(Renegotiated.PhoneFirst, 4.0)]
    public async Task A_re_INVITE_gives_the_call_its_name_once_on_each_connection_and_its_audio_is_whole(double from, double? speed)
    {
        string capture = _folder["mid-call.pcap"], heard = Directory.CreateDirectory(_folder["heard"]).FullName;
        await File.WriteAllBytesAsync(capture, Renegotiated.MidCall(from).File, TestContext.Current.CancellationToken);
        await using var listener = await PlainListener.StartAsync(heard);

        var result = await Runs.ToListenerAsync(new Input([capture], Device: null, Filter: null, speed), listener.Url, _folder["sink"]);

        Assert.Equal(0, result.ExitCode);
        Runs.AssertExact(GroundTruth.Read(capture), Runs.DecodedStreams(heard));
        SameFiles.Assert(_folder["sink"], heard);
        string foundId = listener.Streams.Values.First().Start.GetProperty("call_id").GetString()!;
        Assert.Equal([$"{foundId}-0", $"{foundId}-1"], listener.Streams.Keys.Order());
        foreach (var stream in listener.Streams.Values)
            Renegotiated.AssertNamedOnce([stream.Start, .. stream.Texts.Select(text => text.Json)], foundId, from == Renegotiated.PbxFirst);
        Assert.Equal(Renegotiated.CallId, Assert.Single(Sidecar.ReadAll(_folder["sink"])).Value.Text("sip_call_id"));
    }

    /// <summary>The tap begins long before the first digit, shortly before, in the middle of it, before the last copies of its end, and behind it.</summary>
    [Theory]
    [InlineData("captures/dtmf", 0.5, "1590#")]
    [InlineData("captures/dtmf", 2.4, "1590#")]
    [InlineData("captures/dtmf", 2.6, "1590#")]
    [InlineData("captures/dtmf", 2.715, "1590#")]
    [InlineData("captures/dtmf", 2.76, "590#")]
    [InlineData("cases/media-dtmf-new-timestamp", 0.35, "5")]
    public async Task Each_digit_of_a_call_that_was_found_comes_once_in_order_and_in_its_place(string recorded, double from, string digits)
    {
        string whole = TestData.Path($"{recorded}/mirror.pcap"), capture = _folder["mid-call.pcap"];
        await File.WriteAllBytesAsync(capture, new MidCall(whole, from).File, TestContext.Current.CancellationToken);

        await Runs.ToSinkAsync(new Input([capture], Device: null, Filter: null, Speed: null), _folder["sink"]);

        var call = Assert.Single(Sidecar.ReadAll(_folder["sink"])).Value;
        Assert.StartsWith("rtp-", call.CallId, StringComparison.Ordinal);
        int role = call.Events("dtmf", role: 0).Count > 0 ? 0 : 1;
        var told = call.Events("dtmf", role);
        Assert.Equal(digits, string.Concat(told.Select(digit => digit.GetProperty("digit").GetString())));
        Assert.Empty(call.Events("dtmf", 1 - role));
        var pressed = GroundTruth.Digits(whole, TelephoneEvent).DistinctBy(digit => digit.Event).TakeLast(digits.Length);
        Assert.All(pressed.Zip(told), pair => Assert.Equal(
            Math.Max(pair.First.TimeNs / 1e6, call.HeardMs(0)), call.HeardMs(pair.Second.GetProperty("position").GetInt64()), ToleranceMs));
    }
}
