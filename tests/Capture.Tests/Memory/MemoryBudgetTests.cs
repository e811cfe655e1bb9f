using System.Globalization;
using System.Text.RegularExpressions;
using CallMirror.Capture.Memory;
using CallMirror.TestKit;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests.Memory;

public sealed partial class MemoryBudgetTests
{
    private const long Mebibyte = 1L << 20;

    [Theory]
    [InlineData(256, 48, 19, 9)]
    [InlineData(512, 144, 57, 28)]
    [InlineData(1024, 336, 134, 64)]
    [InlineData(2048, 384, 256, 64)]
    [InlineData(65536, 384, 256, 64)]
    public void What_may_wait_follows_from_the_limit_and_is_never_more_than_where_there_is_plenty(
        long limit, long windows, long unclaimed, long control)
    {
        var budget = Assert.NotNull(MemoryBudget.Of(MemoryBudget.HeapOf(limit * Mebibyte)));
        Assert.Equal(
            (windows, unclaimed, control), (budget.WindowBytes / Mebibyte, budget.UnclaimedBytes / Mebibyte, budget.ControlBytes / Mebibyte));
    }

    [Fact]
    public void Too_little_is_said_with_what_is_needed()
    {
        long heap = MemoryBudget.HeapOf(128 * Mebibyte);
        Assert.Null(MemoryBudget.Of(heap));
        Assert.NotNull(MemoryBudget.Of(MemoryBudget.HeapOf(171 * Mebibyte)));
        Assert.Equal(
            "the 96 MiB of memory that .NET's heap may take are too little for capture, which needs 128 MiB: "
            + "give the container, or CallMirror:Capture:MemoryLimit, at least 171 MiB",
            MemoryBudget.TooLittle(heap));
    }

    [Fact]
    public void Whatever_the_heap_is_all_that_may_wait_fits_into_it_with_room_for_capture_itself() => Properties.Hold(
        from megabytes in Gen.Choose(128, 1_000_000)
        from bytes in Gen.Choose(0, (int)Mebibyte)
        select (megabytes * Mebibyte) + bytes,
        heap =>
        {
            var budget = MemoryBudget.Of(heap)!.Value;
            // A waiting packet takes as much memory beside the ring as in it.
            Assert.InRange(budget.WindowBytes + (2L * budget.UnclaimedBytes) + budget.ControlBytes, 1, heap - (96 * Mebibyte));
            Assert.True(budget.UnclaimedBytes >= 64 * 1024);
        });

    [Fact]
    public void The_compose_file_gives_capture_room_for_a_minute_of_two_hundred_calls()
    {
        const long BytesOfACallsSecond = 23_000;
        var limit = CaptureLimit().Match(File.ReadAllText(Path.Combine(TestData.Root, "docker-compose.yml")));
        Assert.True(limit.Success, "docker-compose.yml sets no mem_limit for capture in MiB");

        long bytes = long.Parse(limit.Groups[1].Value, CultureInfo.InvariantCulture) * Mebibyte;
        var budget = Assert.NotNull(MemoryBudget.Of(MemoryBudget.HeapOf(bytes)));

        Assert.True(budget.WindowBytes >= 60 * 200 * BytesOfACallsSecond, $"only {budget.WindowBytes / Mebibyte} MiB of windows");
    }

    [GeneratedRegex(@"\n  capture:\n(?:    .*\n)*?    mem_limit: (\d+)m\n")]
    private static partial Regex CaptureLimit();
}
