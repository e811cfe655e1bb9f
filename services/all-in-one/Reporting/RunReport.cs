using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.WsGateway;
using Spectre.Console;

namespace CallMirror.AllInOne.Reporting;

/// <summary>The end of a run: a table of calls, or one JSON object a call and stream.</summary>
internal static class RunReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="json">JSON lines instead of a table.</param>
    /// <param name="calls">What was said of the calls.</param>
    /// <param name="ended">Why the run is over: so ended the calls that were still up.</param>
    /// <param name="seen">What the capture held: it says why there is no audio where there is none.</param>
    /// <param name="streams">What the gateways pushed; none where nothing was pushed.</param>
    public static void Write(
        CommandOutput output, bool json, IReadOnlyList<CallEntry> calls, EndReason ended, CaptureSeen seen,
        IReadOnlyList<StreamFigures>? streams = null)
    {
        var rows = Rows(calls, seen, streams ?? []);
        var why = Why.Of(calls, seen);
        if (json)
            JsonReport.Write(output.Result, rows, ended, seen, why);
        else
            output.Write(Table(rows, why));
    }

    private static List<CallRow> Rows(IReadOnlyList<CallEntry> calls, CaptureSeen seen, IReadOnlyList<StreamFigures> streams)
    {
        var pushed = streams.ToLookup(stream => (stream.CallId, (DateTimeOffset?)stream.StartedAt, stream.Role));
        return [.. calls.Select(call => new CallRow(call, Why.Of(call, seen), [.. Enumerable.Range(0, 2)
            .Where(role => call.Quality(role) is not null || pushed.Contains((call.CallId, call.StartedAt, role)))
            .Select(role => Row(call, role, pushed[(call.CallId, call.StartedAt, role)]))]))];
    }

    private static StreamRow Row(CallEntry call, int role, IEnumerable<StreamFigures> pushed)
    {
        string tag = StreamTag.ForTake(StreamTag.For(call.CallId, role), call.Take);
        return new StreamRow(tag, role, call.Quality(role), Why.Of(call, call.Quality(role)), [.. pushed]);
    }

    private static Table Table(List<CallRow> rows, Why? whyNone)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("call", "from", "to", "started", "end", "role")
            .AddColumn(new TableColumn("audio").RightAligned())
            .AddColumn(new TableColumn("packets").RightAligned())
            .AddColumn(new TableColumn("lost").RightAligned())
            .AddColumn("listener");
        foreach (var (call, why, streams) in rows)
        {
            if (streams.Count == 0)
                AddRow(table, call, "", "", "", "", Because(why));
            foreach (var stream in streams)
                AddStream(table, call, stream, why);
        }

        string count = rows.Count == 1 ? "1 call" : $"{rows.Count} calls";
        table.Caption(Markup.Escape(whyNone is null ? count : $"{count}, no audio: {whyNone.Sentence}"));
        return table;
    }

    private static void AddStream(Table table, CallEntry call, StreamRow stream, Why? why)
    {
        var quality = stream.Quality;
        AddRow(table, call, Role(stream.Role), Seconds(quality), Count(quality?.Packets), Count(quality?.Lost), Told(stream, why));
    }

    private static void AddRow(Table table, CallEntry call, params string[] rest) => table.AddRow(
    [
        .. new[] { call.SipCallId ?? call.CallId, WithoutScheme(call.From), WithoutScheme(call.To), call.StartedAt?.ToString("HH:mm:ss.fff") ?? "", End(call) }.Concat(rest).Select(Markup.Escape),
    ]);

    private static string WithoutScheme(string? uri) => uri is null ? "" : uri[(uri.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static string End(CallEntry call) => call.EndReason switch
    {
        null => "up at the end",
        EndReason.Failed => $"failed {call.StatusCode}",
        { } reason => EndReasons.Word(reason),
    };

    private static string Told(StreamRow stream, Why? why) => (stream.Why ?? why) is { } because ? Because(because) : Pushed(stream);

    private static string Because(Why? why) => why is null ? "" : $"no audio: {why.Sentence}";

    private static string Pushed(StreamRow stream) => string.Join("; ", stream.Pushed.Select(StoredAudio.Words));

    private static string Role(int role) => role == 0 ? "caller" : "callee";

    private static string Seconds(StreamQuality? quality) => quality is null ? "" : $"{quality.Samples / 8000.0:0.00} s";

    private static string Count(long? value) => value?.ToString() ?? "";
}

/// <summary>A call, why it has no audio where it has none, and its streams.</summary>
internal sealed record CallRow(CallEntry Call, Why? Why, IReadOnlyList<StreamRow> Streams);

/// <summary>A stream: what capture measured, why there is nothing to hear where there is not, and what each gateway pushed of it.</summary>
internal sealed record StreamRow(string Tag, int Role, StreamQuality? Quality, Why? Why, IReadOnlyList<StreamFigures> Pushed);
