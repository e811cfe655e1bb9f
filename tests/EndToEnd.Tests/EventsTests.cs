namespace CallMirror.EndToEnd.Tests;

/// <summary>What is not audio comes once, in its place: digits, hold and resume, who calls whom, how it ended.</summary>
public sealed class EventsTests : IDisposable
{
    private const double ToleranceMs = 60;
    private const int TelephoneEvent = 101;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_digit_comes_once_in_order_and_in_its_place()
    {
        await Runs.ToSinkAsync(Runs.Capture("dtmf"), _folder.Path);

        var call = Assert.Single(Sidecar.ReadAll(_folder.Path)).Value;
        var digits = call.Events("dtmf", role: 0);
        var truth = GroundTruth.Digits(TestData.Capture("dtmf"), TelephoneEvent);
        Assert.Equal(["1", "5", "9", "0", "#"], digits.Select(digit => digit.GetProperty("digit").GetString()));
        Assert.Equal(truth.Select(digit => digit.Event), digits.Select(digit => digit.GetProperty("event").GetInt32()));
        Assert.All(truth.Zip(digits), pair =>
            Assert.Equal(pair.First.TimeNs / 1e6, call.HeardMs(pair.Second.GetProperty("position").GetInt64()), ToleranceMs));
        Assert.Empty(call.Events("dtmf", role: 1));
    }

    [Fact]
    public async Task A_digit_is_told_between_the_audio_before_and_the_audio_after_it()
    {
        await using var listener = await PlainListener.StartAsync(_folder.Path);

        await Runs.ToListenerAsync(Runs.Capture("dtmf"), listener.Url);

        var caller = listener.Streams.Single(stream => stream.Key.EndsWith("-0", StringComparison.Ordinal)).Value;
        Assert.Equal("1590#", string.Concat(caller.Events("dtmf").Select(digit => digit.Json.GetProperty("digit").GetString())));
        Assert.All(caller.Events("dtmf"), digit => Assert.InRange(caller.Position + digit.Samples - digit.Json.GetProperty("position").GetInt64(), 0, 319));
    }

    [Theory]
    [InlineData("hold-resume", "9abf37e65ad28e92")]
    [InlineData("hold-inactive-c0", "1-20370@192.168.137.12")]
    public async Task Hold_and_resume_stand_in_both_streams_where_they_were_agreed(string capture, string callId)
    {
        await Runs.ToSinkAsync(Runs.Capture(capture), _folder.Path);

        var call = Sidecar.ReadAll(_folder.Path)[callId];
        var (hold, resume) = Reinvites(capture, callId);
        for (int role = 0; role < 2; role++)
        {
            AssertWithin(hold, call, Assert.Single(call.Events("hold", role)));
            AssertWithin(resume, call, Assert.Single(call.Events("resume", role)));
        }

        Assert.All(Sidecar.ReadAll(_folder.Path).Values.Where(other => other.CallId != callId), other => Assert.Empty(other.Events("hold", 0)));
    }

    [Fact]
    public async Task A_call_says_who_called_whom_and_when()
    {
        await Runs.ToSinkAsync(Runs.Capture("bridge-pcma"), _folder.Path);

        var invites = GroundTruth.Sip(TestData.Capture("bridge-pcma")).Where(sip => sip.Text.StartsWith("INVITE ", StringComparison.Ordinal)).ToList();
        var calls = Sidecar.ReadAll(_folder.Path);
        Assert.Equal(Scenario.CallIds("bridge-pcma"), calls.Keys.ToHashSet());
        foreach (var leg in Scenario.Legs("bridge-pcma"))
        {
            var call = calls[leg.GetProperty("sip_call_id").GetString()!];
            Assert.Equal("sip:" + leg.GetProperty("sip_from_uri").GetString(), call.Text("from"));
            Assert.Equal("sip:" + leg.GetProperty("sip_to_uri").GetString(), call.Text("to"));
            Assert.Equal(invites.First(sip => sip.Header("Call-ID") == call.CallId).TimeNs / 1e6, call.HeardMs(0), 0.001);
            Assert.Equal(leg.GetProperty("start").GetDouble() * 1000, call.HeardMs(0), 200.0);
        }
    }

    [Theory]
    [InlineData("pcmu", "bye")]
    [InlineData("playtest-fs-hangs-up", "bye")]
    [InlineData("bye-missing", "end-of-capture")]
    [InlineData("early-media-fail", "failed")]
    public async Task A_stream_ends_for_the_reason_that_its_call_ended(string capture, string reason)
    {
        var result = await Runs.ToSinkAsync(Runs.Capture(capture), _folder.Path);

        Assert.Equal(reason, Assert.Single(result.Report.Calls).GetProperty("end_reason").GetString());
        var call = Assert.Single(Sidecar.ReadAll(_folder.Path)).Value;
        Assert.NotEmpty(call.Streams);
        Assert.All(call.Streams, stream => Assert.Equal(reason, stream.GetProperty("end_reason").GetString()));
    }

    [Theory]
    [InlineData("cancel", "cancelled", 487)]
    [InlineData("busy", "failed", 486)]
    [InlineData("notfound-404", "failed", 404)]
    [InlineData("early-media-fail", "failed", 486)]
    public async Task A_call_without_an_answer_says_why(string capture, string reason, int status)
    {
        var result = await Runs.ToSinkAsync(Runs.Capture(capture), _folder.Path);

        var call = Assert.Single(result.Report.Calls);
        Assert.Equal((reason, status), (call.GetProperty("end_reason").GetString(), call.GetProperty("status_code").GetInt32()));
        Assert.False(call.TryGetProperty("answered_at", out _));
    }

    [Fact]
    public async Task Codecs_of_a_call_are_all_that_it_used()
    {
        var result = await Runs.ToSinkAsync(Runs.Capture("reneg-codec"), _folder.Path);

        Assert.Equal(["PCMA", "PCMU"], Assert.Single(result.Report.Calls).GetProperty("codecs").EnumerateArray().Select(codec => codec.GetString()!).Order());
    }

    // From the offer to the answer.
    private static ((long, long) Hold, (long, long) Resume) Reinvites(string capture, string callId)
    {
        var dialog = GroundTruth.Sip(TestData.Capture(capture)).Where(sip => sip.Header("Call-ID") == callId).ToList();
        var answers = dialog.Where(sip => sip.Text.StartsWith("INVITE ", StringComparison.Ordinal) && sip.Header("To")!.Contains("tag=", StringComparison.Ordinal))
            .DistinctBy(sip => sip.Header("CSeq"))
            .Select(invite => (invite.TimeNs, dialog.First(sip => sip.Text.StartsWith("SIP/2.0 200", StringComparison.Ordinal) && sip.Header("CSeq") == invite.Header("CSeq")).TimeNs))
            .ToList();
        Assert.Equal(2, answers.Count);
        return (answers[0], answers[1]);
    }

    private static void AssertWithin((long From, long To) agreed, Sidecar call, System.Text.Json.JsonElement what) =>
        Assert.InRange(call.HeardMs(what.GetProperty("position").GetInt64()), agreed.From / 1e6 - ToleranceMs, agreed.To / 1e6 + ToleranceMs);
}
