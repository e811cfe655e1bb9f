using CallMirror.Capture.Tests.Engine;

namespace CallMirror.Capture.Tests.Streams;

/// <summary>Audio that comes faster than it lasts: 30 seconds of it within a tenth of that.</summary>
public sealed class AheadTests
{
    [Theory]
    [InlineData(true, 30 * 8000)]
    [InlineData(false, 13 * 8000)]
    public void Of_a_file_all_of_it_is_kept_and_live_what_is_ten_seconds_ahead(bool isFile, int samples)
    {
        var line = new Line(isFile: isFile).Negotiate();
        for (int i = 0; i < 1500; i++)
            line.Rtp(2 * i, i);
        line.Finish();
        int placed = line.Placed().Sum(run => run.Samples);
        Assert.InRange(placed, samples - 4000, samples);
        Assert.Equal(isFile, line.Dropped(DropReason.AheadOfClock) == 0);
    }
}
