using System.CommandLine;
using CallMirror.AllInOne.Embedded;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>push</c>: an L16 file to a listener, as if it were being said.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "L16 file: 16 bit, little-endian, mono, no header." };
        var url = new Option<string>("--url") { Description = "Listener, ws:// or wss://.", Required = true, HelpName = "URL" };
        var rate = new Option<int>("--rate") { Description = "Samples a second: 16000 or 8000.", DefaultValueFactory = _ => 16000 };
        rate.AcceptOnlyFromAmong("8000", "16000");
        var speed = new Option<string>("--speed") { Description = "1 = real time, N = N times as fast, max = no waiting.", DefaultValueFactory = _ => "1", HelpName = "N|max" };
        var listeners = new ListenerOptions();
        var command = new Command("push", "Push an L16 file to a listener, in real time.") { file, url, rate, speed };
        listeners.AddTo(command);
        command.SetAction((parsed, stopping) => RunAsync(
            parsed.GetRequiredValue(file),
            listeners.Read(parsed, FilePush.Group, parsed.GetRequiredValue(url)),
            parsed.GetValue(rate),
            InputOptions.Speed(parsed.GetValue(speed)!),
            stopping));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo file, Listener listener, int rate, double? speed, CancellationToken stopping)
    {
        if (!file.Exists)
            throw new CommandException($"{file} does not exist");
        if (file.Length % sizeof(short) != 0)
            throw new CommandException($"{file} is no L16 file: it has an odd number of bytes");
        await ListenerOptions.ProbeAsync(listener, stopping);
        await using var audio = file.OpenRead();
        await using var push = await FilePush.StartAsync(listener, rate, stopping);
        string? failure = await push.RunAsync(audio, Path.GetFileNameWithoutExtension(file.Name), speed, stopping);
        return failure is null ? 0 : throw new CommandException(failure);
    }
}
