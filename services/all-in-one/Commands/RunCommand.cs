using System.CommandLine;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>run</c>: the whole job in one process.</summary>
internal static class RunCommand
{
    private const string DefaultFolder = "audio";

    public static Command Create()
    {
        var input = new InputOptions();
        var listeners = new ListenerOptions();
        var push = new Option<string?>("--push") { Description = "Listener to push to, ws:// or wss://.", HelpName = "URL" };
        var sink = new Option<string?>("--sink")
        {
            Description = $"Folder in which an own listener stores the audio (where no --push is given: ./{DefaultFolder}).",
            HelpName = "DIR",
        };
        var rate = CommonOptions.Rate("Samples a second to push");
        var listen = CommonOptions.Listen();
        var json = CommonOptions.Json();
        var verbose = new Option<bool>("--verbose") { Description = "Log lines on stderr." };
        var command = new Command("run", "Capture calls and push their audio, all in one process. A file ends by itself; Ctrl-C ends a live capture cleanly.")
        {
            push, sink, rate, listen, json, verbose,
        };
        input.AddTo(command);
        listeners.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            string? url = parsed.GetValue(push);
            return new Run
            {
                Input = input.Read(parsed),
                Push = url is null ? null : listeners.Read(parsed, Run.PushGroup, url),
                SinkFolder = parsed.GetValue(sink) ?? (url is null ? DefaultFolder : null),
                Rate = parsed.GetValue(rate),
                ListenPort = parsed.GetValue(listen),
                Json = parsed.GetValue(json),
                LogLevel = parsed.GetValue(verbose) ? LogLevel.Information : LogLevel.Warning,
            }.ExecuteAsync(cancellationToken);
        });
        return command;
    }
}
