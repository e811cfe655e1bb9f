using System.CommandLine;
using CallMirror.AllInOne.Embedded;
using CallMirror.WsSink;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>demo</c>: a real call, replayed, with the listener's page.</summary>
internal static class DemoCommand
{
    private const string Sample = "samples/bridge-pcma.pcap";
    private const string DefaultFolder = "audio";

    public static Command Create()
    {
        var speed = CommonOptions.Speed();
        var exit = new Option<bool>("--exit") { Description = "End when the call has ended, instead of showing the page until Ctrl-C." };
        var page = CommonOptions.Number("--page-port", "Port of the page; 0 = a free one.", new SinkOptions().PagePort ?? 0);
        var folder = new Option<string>("--dir") { Description = "Folder that gets the audio.", DefaultValueFactory = _ => DefaultFolder };
        var listen = CommonOptions.Listen();
        var command = new Command("demo", "Replay a real FreeSWITCH call through everything, and show the listener's page.") { speed, exit, page, folder, listen };
        command.SetAction((parsed, stopping) => RunAsync(
            InputOptions.Speed(parsed.GetValue(speed)!),
            parsed.GetValue(exit),
            new SinkOptions { Directory = Files.Folder(parsed.GetValue(folder)!), Port = 0, PagePort = parsed.GetValue(page) },
            parsed.GetValue(listen),
            stopping));
        return command;
    }

    private static async Task<int> RunAsync(double? speed, bool exit, SinkOptions options, int? listenPort, CancellationToken stopping)
    {
        string sample = SamplePath();
        using var loggers = StderrLogging.CreateForSink(LogLevel.Warning);
        await using var sink = await SinkServer.StartAsync(options, loggers, TimeProvider.System, stopping);
        await Console.Error.WriteLineAsync($"replaying {Path.GetFileName(sample)}: the page is at {sink.PageUri}, the audio files are in {sink.Directory}");
        int result = await new Run { Input = new Input([sample], Device: null, Filter: null, speed), Sink = sink, ListenPort = listenPort }.ExecuteAsync(stopping);
        if (exit || stopping.IsCancellationRequested)
            return result;
        await Console.Error.WriteLineAsync($"the page stays at {sink.PageUri} until Ctrl-C");
        await Stopped.WaitAsync(stopping);
        return result;
    }

    // Beside the program when published, at the top of the repository when built there.
    private static string SamplePath()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, Sample);
            if (File.Exists(path))
                return path;
        }

        throw new CommandException($"{Sample} is not there; it comes with the repository");
    }
}
