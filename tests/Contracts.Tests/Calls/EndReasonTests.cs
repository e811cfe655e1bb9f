using System.Text.Json;
using CallMirror.Contracts.Calls;

namespace CallMirror.Contracts.Tests.Calls;

public sealed class EndReasonTests
{
    [Theory]
    [InlineData(EndReason.Bye, 1, "bye")]
    [InlineData(EndReason.Cancelled, 2, "cancelled")]
    [InlineData(EndReason.Failed, 3, "failed")]
    [InlineData(EndReason.Timeout, 4, "timeout")]
    [InlineData(EndReason.MediaTimeout, 5, "media-timeout")]
    [InlineData(EndReason.EndOfCapture, 6, "end-of-capture")]
    [InlineData(EndReason.Stopped, 7, "stopped")]
    [InlineData(EndReason.Replaced, 8, "replaced")]
    public void Each_reason_has_its_number_and_its_word(EndReason reason, byte number, string word)
    {
        Assert.Equal(number, (byte)reason);
        Assert.Equal(word, EndReasons.Word(reason));
        Assert.True(EndReasons.TryParse(word, out var parsed));
        Assert.Equal(reason, parsed);
        Assert.Equal($"\"{word}\"", JsonSerializer.Serialize(reason));
        Assert.Equal(reason, JsonSerializer.Deserialize<EndReason>($"\"{word}\""));
    }

    [Fact]
    public void There_are_no_others() => Assert.Equal(8, Enum.GetValues<EndReason>().Length);

    [Theory, InlineData("Bye"), InlineData(""), InlineData(null), InlineData("unknown")]
    public void Another_word_is_no_reason(string? word) => Assert.False(EndReasons.TryParse(word, out _));

    [Fact]
    public void A_reason_of_a_later_version_is_unknown() => Assert.Equal("unknown", EndReasons.Word((EndReason)99));

    [Theory, InlineData("\"nope\""), InlineData("1"), InlineData("null"), InlineData("{}"), InlineData("[]")]
    public void Json_that_is_no_reason_is_refused_as_json(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<EndReason>(json));
}
