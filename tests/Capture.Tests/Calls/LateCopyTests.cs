using CallMirror.Capture.Tests.Engine;

namespace CallMirror.Capture.Tests.Calls;

/// <summary>Two captures of a call whose clocks differ by more than it lasted: its packets come once more when it is over.</summary>
public sealed class LateCopyTests
{
    [Theory]
    [InlineData(8000)]
    [InlineData(60_000)]
    [InlineData(3_600_000)]
    public void Of_files_they_are_copies_and_no_call_that_nobody_announced(double lateMs)
    {
        var line = Twice(isFile: true, lateMs, firstNumber: 0);
        Assert.Empty(line.Found);
        Assert.Equal(150, line.Dropped(DropReason.LateCopy));
        Assert.Equal([(800L, 150 * Line.Samples)], line.Placed());
    }

    [Fact]
    public void What_the_same_sender_says_beyond_that_is_another_call()
    {
        var line = Twice(isFile: true, lateMs: 60_000, firstNumber: 500);
        Assert.Single(line.Found);
        Assert.Equal(0, line.Dropped(DropReason.LateCopy));
    }

    [Fact]
    public void Live_who_says_the_same_again_is_another_call() => Assert.Single(Twice(isFile: false, lateMs: 60_000, firstNumber: 0).Found);

    private static Line Twice(bool isFile, double lateMs, int firstNumber) =>
        new Line(isFile: isFile).Negotiate().Talk(100, packets: 150).End(3200).Talk(100 + lateMs, packets: 150, firstNumber).Finish();
}
