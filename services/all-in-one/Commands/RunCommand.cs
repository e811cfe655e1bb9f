using System.CommandLine;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>run</c>: the whole job in one process.</summary>
internal static class RunCommand
{
    public const string DefaultFolder = "audio";

    public static Command Create()
    {
        var input = new InputOptions();
        var listeners = new ListenerOptions();
        var sink = new Option<string?>("--sink")
        {
            Description = $"Folder in which an own listener stores the audio (where no --push is given: ./{DefaultFolder}).",
            HelpName = "DIR",
        };
        var rate = CommonOptions.Rate("Samples a second to push");
        var listen = CommonOptions.Listen();
        var http = HttpOption.Create();
        var json = CommonOptions.Json();
        var verbose = new Option<bool>("--verbose") { Description = "Log lines on stderr." };
        var command = new Command("run", "Capture calls and push their audio, all in one process. A file ends by itself; Ctrl-C ends a live capture cleanly.")
        {
            sink, rate, listen, http, json, verbose,
        };
        input.AddTo(command);
        listeners.AddWithPushTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var push = listeners.ReadPush(parsed, Run.PushGroup);
            return new Run
            {
                Input = input.Read(parsed),
                Push = push,
                SinkFolder = parsed.GetValue(sink) ?? (push is null ? DefaultFolder : null),
                Rate = parsed.GetValue(rate),
                ListenPort = parsed.GetValue(listen),
                HttpAt = HttpOption.Read(parsed.GetValue(http)),
                Json = parsed.GetValue(json),
                LogLevel = parsed.GetValue(verbose) ? LogLevel.Information : LogLevel.Warning,
            }.ExecuteAsync(cancellationToken);
        });
        return command;
    }
}
