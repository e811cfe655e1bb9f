using System.Xml.Linq;
using CallMirror.AllInOne.Load;
using CallMirror.Capture.Synthetic;

namespace CallMirror.EndToEnd.Tests.Load;

/// <summary>How a load's figures are made of what was seen.</summary>
public sealed class LoadFiguresTests
{
    [Fact]
    public void A_percentile_is_what_so_many_did_not_exceed()
    {
        var histogram = new LatencyHistogram();
        Assert.Null(histogram.Percentile(0.5));
        for (int ms = 0; ms < 100; ms++)
            histogram.Record((ms * 1_000_000) + 500_000);
        histogram.Record(700_000_000_000);

        Assert.Equal(51, histogram.Percentile(0.5));
        Assert.Equal(100, histogram.Percentile(0.99));
        Assert.Equal(700_000, histogram.Max);
        Assert.Equal(11, histogram.CountFrom(90));
        histogram.Clear();
        Assert.Equal((0, 0), (histogram.Count, histogram.Max));
    }

    [Fact]
    public void A_frame_is_read_whole_and_without_its_mask()
    {
        byte[] payload = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        byte[] key = [1, 2, 3, 4];
        byte[] bytes = [0x82, 0x80 | 126, 1, 44, .. key, .. payload.Select((one, i) => (byte)(one ^ key[i % 4])), 0x89, 0x80];

        for (int cut = 0; cut < bytes.Length - 2; cut++)
            Assert.False(ClientFrame.TryRead(bytes.AsSpan(0, cut), out _, out _));
        Assert.True(ClientFrame.TryRead(bytes, out var frame, out int length));
        Assert.Equal((ClientFrameKind.Binary, bytes.Length - 2), (frame.Kind, length));
        Assert.Equal(payload, frame.Payload.ToArray());
        Assert.False(ClientFrame.TryRead(bytes.AsSpan(length), out _, out _));
        Assert.Throws<InvalidDataException>(() => ClientFrame.TryRead([0x82, 1, 0], out _, out _));
    }

    [Fact]
    public void The_chart_is_svg_with_a_line_for_each_figure()
    {
        var chart = XDocument.Parse(LoadChart.Draw(Result(Sample(1, 90, new QueueDepths(1, 2, 3), 30_000_000), Sample(2, null, new QueueDepths(0, 0, 170), 40_000_000))));
        XNamespace svg = "http://www.w3.org/2000/svg";
        var lines = chart.Descendants(svg + "polyline").Select(line => ((string)line.Attribute("points")!).Split(' ').Length).ToList();

        Assert.Equal([1, 2, 2, 2, 2, 2], lines);
        Assert.Contains(chart.Descendants(svg + "text"), text => text.Value == "200");
        Assert.Contains(chart.Descendants(svg + "text"), text => text.Value == "callmirror");
        XDocument.Parse(LoadChart.Draw(Result()));
    }

    [Theory]
    [InlineData(0.3, 1)]
    [InlineData(17, 20)]
    [InlineData(50, 50)]
    [InlineData(501, 1000)]
    public void An_axis_ends_at_a_round_number(double value, double round) => Assert.Equal(round, LoadChart.RoundUp(value));

    [Fact]
    public void What_is_lost_is_a_failure_and_so_is_a_stream_without_an_end()
    {
        Assert.Null(Result().Failure);
        Assert.Contains("7 samples were lost", (Result() with { Lost = 7 }).Failure, StringComparison.Ordinal);
        Assert.Contains("3 of 10 streams", (Result() with { StreamsEnded = 7 }).Failure, StringComparison.Ordinal);
        Assert.Equal("stopped", (Result() with { Interruption = "stopped" }).Failure);
    }

    [Fact]
    public void A_process_that_works_is_seen_to_and_one_that_is_gone_is_not_there()
    {
        var self = new ProcessMeter("self", Environment.ProcessId).Read();
        Assert.True(self is { Bytes: > 1_000_000, Cpu.Ticks: > 0 });
        Assert.Null(new ProcessMeter("gone", int.MaxValue).Read());
    }

    [Fact]
    public void An_hour_is_drawn_as_the_worst_of_each_pixel()
    {
        var hour = Enumerable.Range(0, 3600).Select(second => Sample(second, second == 1801 ? 900 : 100, default, 1)).ToArray();

        var chart = XDocument.Parse(LoadChart.Draw(Result(hour)));

        var p99 = ((string)chart.Descendants(XName.Get("polyline", "http://www.w3.org/2000/svg")).First().Attribute("points")!).Split(' ');
        Assert.InRange(p99.Length, 600, 700);
        Assert.Single(p99, point => point.EndsWith(",71", StringComparison.Ordinal));
    }

    [Fact]
    public void A_call_costs_the_memory_that_came_between_the_first_fifth_of_them_and_all()
    {
        var result = Result(
            Sample(1, 90, default, 20_000_000) with { Streams = 0 }, Sample(2, 90, default, 50_000_000) with { Streams = 2 },
            Sample(3, 90, default, 90_000_000), Sample(4, 90, default, 80_000_000), Sample(5, 90, default, 95_000_000) with { Streams = 8 });

        Assert.Equal(10_000_000, result.BytesPerCall(result.Processes[0]));
        Assert.Equal(0, Result().BytesPerCall(result.Processes[0]));
    }

    private static LoadSample Sample(double second, int? p99, QueueDepths depths, long memory) => new(second, 10, 40, p99, depths, [new ProcessMemory("callmirror", memory)]);

    private static LoadResult Result(params LoadSample[] samples) => new()
    {
        Plan = new LoadPlan { Calls = 5, Seconds = 1 },
        Shape = "embedded",
        Intake = new LoadIntake(535, 500, "none"),
        SamplesOut = 160_000,
        Lost = 0,
        Different = 0,
        Late = 0,
        StreamsEnded = 10,
        Strangers = 0,
        Latency = new LoadLatency(40, 90, 100),
        First = new LoadLatency(40, 90, 100),
        Processes = [new LoadProcess("callmirror", 0.5, 90_000_000)],
        Samples = samples,
    };
}
