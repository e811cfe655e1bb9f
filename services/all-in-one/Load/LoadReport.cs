using System.Text.Json;
using CallMirror.AllInOne.Reporting;
using Spectre.Console;

namespace CallMirror.AllInOne.Load;

/// <summary>What a load showed, as a table or as one JSON object.</summary>
internal static class LoadReport
{
    private const double Kilobyte = 1000;
    private const double Megabyte = 1000 * Kilobyte;

    private static readonly string[] Columns = ["CPU, % of a core", "a call", "memory", "a call"];
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes the report.</summary>
    public static void Write(CommandOutput output, bool json, LoadResult result)
    {
        if (json)
        {
            output.Result.WriteLine(JsonSerializer.Serialize(Object(result), Json));
            return;
        }

        output.Write(Figures(result));
        output.Write(Processes(result));
    }

    private static Table Figures(LoadResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn($"{result.Plan.Calls} calls of {result.Plan.Seconds} s, {result.Shape}").AddColumn(new TableColumn("").RightAligned());
        foreach (var (name, value) in Rows(result))
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        return table;
    }

    private static IEnumerable<(string Name, string Value)> Rows(LoadResult result)
    {
        yield return ("packets in", $"{result.Intake.Packets:N0}");
        yield return ("RTP of calls", $"{result.Intake.Rtp:N0} of {result.Plan.RtpPackets:N0}");
        yield return ("dropped by capture", result.Intake.Dropped);
        yield return ("samples out, 16 kHz", $"{result.SamplesOut:N0}");
        yield return ("samples lost", $"{result.Lost:N0}");
        yield return ("samples different", $"{result.Different:N0}");
        yield return ($"frames late ({LoadTally.LateFrom} ms or more)", $"{result.Late:N0}");
        yield return ("streams ended", $"{result.StreamsEnded:N0} of {2 * result.Plan.Calls:N0}");
        yield return ("packet to listener: p50, p99, max", Milliseconds(result.Latency));
        yield return ("of each stream's first frame", Milliseconds(result.First));
        foreach (var beside in result.Beside)
            yield return ($"connections a minute to the listener beside: {Word(beside.Trouble)}", $"{beside.ConnectionsAMinute:N1}");
        yield return ("queues at their deepest: SIP, work, lanes", $"{result.Deepest.Sip:N0}, {result.Deepest.Work:N0}, {result.Deepest.Lanes:N0}");
    }

    private static Table Processes(LoadResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("process");
        foreach (string column in Columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var process in result.Processes)
            table.AddRow(
                Markup.Escape(process.Name),
                $"{100 * process.Cores:0.0}",
                $"{100 * process.Cores / result.Plan.Calls:0.000}",
                $"{process.PeakBytes / Megabyte:0} MB",
                $"{result.BytesPerCall(process) / Kilobyte:0} kB");
        table.AddRow("all", $"{100 * result.Cores:0.0}", $"{100 * result.Cores / result.Plan.Calls:0.000}", $"{result.Processes.Sum(process => process.PeakBytes) / Megabyte:0} MB", "");
        return table;
    }

    private static string Word(Trouble trouble) => trouble.ToString().ToLowerInvariant();

    private static string Milliseconds(LoadLatency latency) => latency is { P50: { } p50, P99: { } p99 } ? $"{p50}, {p99}, {latency.Max:0} ms" : "nothing came";

    private static object Object(LoadResult result) => new
    {
        Type = "load",
        result.Shape,
        result.Plan.Calls,
        result.Plan.Seconds,
        RampSeconds = result.Plan.Ramp.TotalSeconds,
        PacketsIn = result.Intake.Packets,
        RtpTaken = result.Intake.Rtp,
        RtpExpected = result.Plan.RtpPackets,
        DroppedByCapture = result.Intake.Dropped,
        result.SamplesOut,
        SamplesLost = result.Lost,
        SamplesDifferent = result.Different,
        FramesLate = result.Late,
        result.StreamsEnded,
        LatencyMs = result.Latency,
        FirstFrameMs = result.First,
        QueuesDeepest = result.Deepest,
        Processes = result.Processes.Select(process => new { process.Name, CpuCores = process.Cores, MemoryBytes = process.PeakBytes, MemoryBytesPerCall = result.BytesPerCall(process) }),
        Beside = result.Beside.Select(beside => new { Trouble = Word(beside.Trouble), beside.Connections, beside.ConnectionsAMinute }),
        EachSecond = result.Samples,
        result.Failure,
    };
}
