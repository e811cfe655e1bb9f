using CallMirror.Capture.Sip;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;

namespace CallMirror.Capture.Tests.Sip;

public sealed class PendingAnswersTests
{
    private const long Second = 1_000_000_000;

    private readonly PendingAnswers _answers = new();

    [Fact]
    public void What_is_said_of_a_call_counts_with_the_message_that_it_answers_and_in_the_order_of_capture()
    {
        _answers.Add("one", 1, 10, packetsBefore: 5);
        _answers.Add("two", 2, 20, packetsBefore: 7);
        Assert.True(_answers.TryKeep(Ended("two")));
        Assert.False(_answers.TryKeep(Ended("three")));
        _answers.Answer("two", 2, 20);
        Assert.False(_answers.TryTakeAnswered(20, out _));
        // It is answered, but waits for the one before: nothing behind it has been decided.
        Assert.True(_answers.TryKeep(Ended("two")));
        _answers.Answer("one", 1, 20);
        Assert.True(_answers.TryTakeAnswered(20, out var first));
        Assert.Equal(("one", 5L, 0), (first!.CallId, first.PacketsBefore, first.Events.Count));
        Assert.True(_answers.TryTakeAnswered(20, out var second));
        Assert.Equal(["two", "two"], second!.Events.Select(callEvent => callEvent.CallId));
        Assert.Equal((0, false), (_answers.Count, _answers.TryKeep(Ended("two"))));
    }

    [Fact]
    public void After_three_minutes_a_message_counts_as_answered()
    {
        _answers.Add("one", 1, 0, packetsBefore: 0);
        Assert.False(_answers.TryTakeAnswered(180 * Second, out _));
        Assert.True(_answers.TryTakeAnswered(180 * Second + 1, out _));
    }

    [Fact]
    public void An_answer_is_waited_for_fifteen_seconds_more_once_a_later_message_was_answered()
    {
        _answers.Add("one", 1, 0, packetsBefore: 0);
        _answers.Add("two", 2, 1, packetsBefore: 0);
        _answers.Answer("two", 2, 9 * Second);
        Assert.False(_answers.TryTakeAnswered(24 * Second, out _));
        Assert.True(_answers.TryTakeAnswered(24 * Second + 1, out _));
        Assert.False(_answers.TryKeep(Ended("one")));
    }

    [Fact]
    public void A_sip_tracker_that_comes_back_after_long_and_answers_in_order_is_waited_for()
    {
        for (int i = 1; i <= 20; i++)
            _answers.Add($"{i}", i, i * Second, packetsBefore: 0);
        for (int i = 1; i <= 20; i++)
        {
            _answers.Answer($"{i}", i, (30 + i) * Second);
            Assert.True(_answers.TryTakeAnswered((30 + i) * Second, out var question));
            Assert.Equal($"{i}", question!.CallId);
            Assert.False(_answers.TryTakeAnswered((30 + i) * Second, out _));
        }
    }

    [Fact]
    public void Nothing_is_kept_of_what_has_been_answered()
    {
        for (int i = 1; i <= 70_000; i++)
            _answers.Add($"{i % 10}", i, i, packetsBefore: 0);
        _answers.AnswerAll();
        while (_answers.TryTakeAnswered(0, out _))
            Assert.True(_answers.Count < 70_000);
        Assert.Equal((0, null), (_answers.Count, _answers.Oldest));
    }

    private static CallEnded Ended(string callId) => new() { CallId = callId, At = Line.At(0), Reason = EndReason.Bye };
}
