using System.Net;
using CallMirror.AllInOne.Embedded;
using CallMirror.AllInOne.Reporting;
using CallMirror.Contracts.Calls;
using CallMirror.WsGateway;
using CallMirror.WsSink;

namespace CallMirror.AllInOne.Commands;

/// <summary>One execution of <c>run</c> or <c>demo</c>: source, pipeline, own sink, progress, report.</summary>
internal sealed class Run
{
    public const string PushGroup = "push";
    private const string SinkGroup = "sink";

    // A listener that takes nothing any more is not waited for longer.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    public required Input Input { get; init; }

    /// <summary>A listener of the user's.</summary>
    public Listener? Push { get; init; }

    /// <summary>The folder of the run's own sink, or null for none.</summary>
    public string? SinkFolder { get; init; }

    /// <summary>The sink, where it runs already.</summary>
    public SinkServer? Sink { get; init; }

    public int Rate { get; init; } = 16000;

    /// <summary>The port where running calls can be joined; null = nowhere.</summary>
    public int? ListenPort { get; init; }

    /// <summary>Where it tells how it is; null = nowhere.</summary>
    public IPEndPoint? HttpAt { get; init; }

    public bool Json { get; init; }

    public CommandOutput Output { get; init; } = CommandOutput.Standard;

    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Runs, and returns the exit code.</summary>
    public async Task<int> ExecuteAsync(CancellationToken stopping)
    {
        // Before the interface is opened: nobody reads its ring meanwhile.
        if (Input.IsLive)
            await Rehearsal.PlayAsync(stopping);
        using var source = Input.Open(TimeProvider.System);
        if (Push is not null)
            await ListenerOptions.ProbeAsync(Push, Input.IsLive, Output.Notes.WriteLine, stopping);
        using var loggers = StderrLogging.CreateForSink(LogLevel);
        await using var own = Sink is null && SinkFolder is not null ? await StartSinkAsync(Files.Folder(SinkFolder), loggers, stopping) : null;
        var sink = Sink ?? own;
        await using var pipeline = await EmbeddedPipeline.StartAsync(Options(sink), stopping);
        await using var server = HttpAt is null ? null : await RunServer.StartAsync(HttpAt, pipeline, sink, () => Line(pipeline), stopping);
        if (server is not null)
            await Output.Notes.WriteLineAsync($"health, metrics and the page are at {server.Address}");
        if (pipeline.ListenAddress is { } address)
            await Output.Notes.WriteLineAsync($"running calls can be joined at {address}v1/calls");
        if (Input.IsLive)
            await Output.Notes.WriteLineAsync($"capturing from {Input.Device}");
        using var abort = new CancellationTokenSource();
        await using var abortLater = stopping.Register(() => abort.CancelAfter(StopTimeout));
        string? failure;
        StreamFigures[] streams = [];
        try
        {
            failure = await Progress.ShowAsync(Output, () => Line(pipeline), async note =>
            {
                await using var notes = new MirrorNotes(pipeline.Mirror, note);
                return await pipeline.RunAsync(source, stopping, abort.Token);
            });
            // Of a stream that was given up no end will come: it ends when the sink stops.
            if (sink is not null && failure is null)
                await sink.AllStreamsEndedAsync(abort.Token);
        }
        catch (OperationCanceledException e) when (abort.IsCancellationRequested)
        {
            throw new CommandException($"stopped, but not all audio was delivered within {StopTimeout.TotalSeconds:0} s", e);
        }
        finally
        {
            var ended = stopping.IsCancellationRequested ? EndReason.Stopped : EndReason.EndOfCapture;
            var seen = CaptureSeen.Of(pipeline.Capture.Counters, pipeline.Capture.Figures);
            streams = [.. pipeline.Gateways.SelectMany(gateway => gateway.Streams)];
            RunReport.Write(Output, Json, pipeline.Ledger.Calls(), ended, seen, streams);
        }

        failure ??= StoredAudio.Missing(streams);
        if (failure is null && sink is not null)
            await Output.Notes.WriteLineAsync($"audio files: {sink.Directory}");
        return failure is null ? 0 : throw new CommandException(failure);
    }

    private static string Line(EmbeddedPipeline pipeline) =>
        $"{Progress.Of(pipeline.Capture.Figures)}, {pipeline.Gateways.Sum(gateway => gateway.CallCount)} calls up, {pipeline.Ledger.Count} seen";

    private static Task<SinkServer> StartSinkAsync(string folder, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        SinkServer.StartAsync(new SinkOptions { Directory = folder, Port = 0, PagePort = null }, loggers, TimeProvider.System, cancellationToken);

    private EmbeddedOptions Options(SinkServer? sink)
    {
        List<Listener> listeners = [];
        if (Push is not null)
            listeners.Add(Push);
        if (sink is not null)
            listeners.Add(new Listener(SinkGroup, sink.WebSocketUri, [], BearerToken: null));
        return new EmbeddedOptions
        {
            Listeners = listeners,
            IsLive = Input.IsLive,
            Rate = Rate,
            ListenPort = ListenPort,
            IsAsked = HttpAt is not null,
            Capture = Input.Apply,
            LogLevel = LogLevel,
        };
    }
}
