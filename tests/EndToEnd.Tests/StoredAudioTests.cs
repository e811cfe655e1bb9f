using CallMirror.AllInOne.Reporting;
using CallMirror.WsGateway;

namespace CallMirror.EndToEnd.Tests;

/// <summary>The words in the table's listener column, and the sentence behind a run that is not whole.</summary>
public sealed class StoredAudioTests
{
    [Fact]
    public void What_is_stored_stands_there_and_not_what_was_sent() =>
        Assert.Equal("8.00 s", StoredAudio.Words(Stream with { StoredPosition = 64_080, Position = 64_080, End = 64_080, SampleRate = 8000 }));

    [Fact]
    public void Of_a_stream_that_failed_it_is_told_how_much_is_stored_of_how_much() =>
        Assert.Equal("2.00 s of 10.00 s stored: it went away", StoredAudio.Words(Stream with { StoredPosition = 80 + 32_000, Failure = "it went away" }));

    [Fact]
    public void Of_a_listener_that_never_said_a_word_nothing_is_known() =>
        Assert.Equal("none of 10.00 s confirmed: it went away", StoredAudio.Words(Stream with { StoredPosition = null, Failure = "it went away" }));

    [Fact]
    public void One_that_stopped_has_what_it_acknowledged() => Assert.Equal(
        ("2.00 s, then it wanted no more", "it wanted no more"),
        (StoredAudio.Words(Stream with { StoredPosition = 80 + 32_000, IsStopped = true }), StoredAudio.Words(Stream with { StoredPosition = null, IsStopped = true })));

    [Fact]
    public void Gaps_and_reconnects_are_told() => Assert.Equal(
        "10.00 s, 2 gaps, 1.50 s missing, 3 reconnects",
        StoredAudio.Words(Stream with { StoredPosition = 160_080, Gaps = 2, GapSamples = 16_000, LostSamples = 8_000, Reconnects = 3 }));

    [Fact]
    public void A_run_is_whole_only_where_nothing_is_missing()
    {
        var holed = Stream with { GapSamples = 8_000 };

        Assert.Null(StoredAudio.Missing([Stream]));
        Assert.Equal(
            "0.50 s of audio of one stream fell off before the listener took it; each listener was told where, as a gap", StoredAudio.Missing([Stream, holed]));
        Assert.Equal(
            "1.00 s of audio of 2 streams fell off before the listener took it; each listener was told where, as a gap", StoredAudio.Missing([holed, holed]));
    }

    private static StreamFigures Stream => new()
    {
        CallId = "a",
        Role = 0,
        Tag = "a-0",
        StartedAt = DateTimeOffset.UnixEpoch,
        SampleRate = 16_000,
        Start = 80,
        Position = 160_080,
        End = 160_080,
        StoredPosition = 160_080,
        IsStopped = false,
        Frames = 500,
        Gaps = 0,
        GapSamples = 0,
        DuplicateSamples = 0,
        Reconnects = 0,
        LostSamples = 0,
    };
}
