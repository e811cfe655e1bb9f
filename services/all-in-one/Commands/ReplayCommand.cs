using System.CommandLine;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>replay</c>: the packets of a capture onto an interface, for a capture that listens there.</summary>
internal static class ReplayCommand
{
    // Well below the 20 ms between two packets of a stream.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    public static Command Create()
    {
        var pcap = CommonOptions.Pcap();
        pcap.Required = true;
        var device = new Option<string>("--interface") { Description = "Interface to send them on, such as lo.", Required = true, HelpName = "IF" };
        var filter = CommonOptions.Filter();
        var speed = CommonOptions.Speed();
        var command = new Command("replay", "Send the packets of a capture on an interface that a capture listens on; hosts take no notice of them.") { pcap, device, filter, speed };
        command.SetAction((parsed, stopping) => RunAsync(
            new Input(parsed.GetRequiredValue(pcap), Device: null, parsed.GetValue(filter), InputOptions.Speed(parsed.GetValue(speed)!)),
            parsed.GetRequiredValue(device),
            stopping));
        return command;
    }

    private static async Task<int> RunAsync(Input input, string device, CancellationToken stopping)
    {
        using var source = input.Open(TimeProvider.System);
        using var injector = PcapInjector.Open(device);
        await Console.Error.WriteLineAsync($"replaying {string.Join(", ", input.Files.Select(Path.GetFileName))} on {device}");
        while (SendWhatIsDue(source, injector, stopping))
            await Task.Delay(Pause, TimeProvider.System, stopping);
        await Console.Error.WriteLineAsync($"{source.Figures.Packets} packets sent");
        return 0;
    }

    // False at the end.
    private static bool SendWhatIsDue(IPacketSource source, PcapInjector injector, CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            var status = source.TryRead(out var packet);
            if (status != SourceStatus.Packet)
                return status == SourceStatus.Idle;
            injector.Send(packet);
        }
    }
}
