using System.CommandLine;
using CallMirror.AllInOne.Embedded;
using CallMirror.WsSink;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>sink</c>: the listener alone.</summary>
internal static class SinkCommand
{
    public static Command Create()
    {
        var defaults = new SinkOptions();
        var port = CommonOptions.Number("--port", "WebSocket port; 0 = a free one.", defaults.Port);
        var page = CommonOptions.Number("--page-port", "Port of the page; 0 = a free one.", defaults.PagePort ?? 0);
        var host = new Option<string>("--host") { Description = "Address to listen on.", DefaultValueFactory = _ => defaults.Host };
        var folder = new Option<string>("--dir") { Description = "Folder that gets the audio.", DefaultValueFactory = _ => defaults.Directory };
        var command = new Command("sink", "Listen and store what is pushed; Ctrl-C ends it.") { port, folder, page, host };
        command.SetAction((parsed, stopping) => RunAsync(
            new SinkOptions
            {
                Directory = Files.Folder(parsed.GetValue(folder)!),
                Host = parsed.GetValue(host)!,
                Port = parsed.GetValue(port),
                PagePort = parsed.GetValue(page),
            },
            stopping));
        return command;
    }

    private static async Task<int> RunAsync(SinkOptions options, CancellationToken stopping)
    {
        // Ctrl-C is listened for once this has let go of its thread; who reads that the sink listens may press it at once.
        await Task.Yield();
        using var loggers = StderrLogging.CreateForSink(LogLevel.Information);
        await using var sink = await SinkServer.StartAsync(options, loggers, TimeProvider.System, stopping);
        await Console.Error.WriteLineAsync($"listening on {sink.WebSocketUri}, page at {sink.PageUri}, audio in {sink.Directory}");
        await Stopped.WaitAsync(stopping);
        return 0;
    }
}
