using System.CommandLine;
using CallMirror.AllInOne.Embedded;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>push</c>: an L16 file to a listener, as if it were being said.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "L16 file: 16 bit, little-endian, mono, no header." };
        var url = new Option<string>("--url") { Description = "Listener, ws:// or wss://.", Required = true, HelpName = "URL" };
        var rate = CommonOptions.Rate("Samples a second");
        var speed = CommonOptions.Speed();
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

    private static (string Name, string Recipe) BareL16(int rate) => ("bare L16", $"make one with: sox FILE -t raw -e signed -b 16 -L -r {rate} -c 1 FILE.pcm");

    private static async Task<int> RunAsync(string file, Listener listener, int rate, double? speed, CancellationToken stopping)
    {
        await using var audio = AudioFile.OpenBare(file, BareL16(rate));
        if (audio.Length % sizeof(short) != 0)
            throw new CommandException($"{file} is no L16 file: it has an odd number of bytes");
        await ListenerOptions.ProbeAsync(listener, stopping);
        await using var push = await FilePush.StartAsync(listener, rate, stopping);
        string? failure = await push.RunAsync(audio, Path.GetFileNameWithoutExtension(file), speed, stopping);
        return failure is null ? 0 : throw new CommandException(failure);
    }
}
