using System.CommandLine;
using CallMirror.AllInOne.Processes;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>up</c>: the distributed shape on one machine, for development.</summary>
internal static class UpCommand
{
    private const string BrokerVariable = "CallMirror__Broker__Uri";
    private const string StateFile = "calls.db";
    private const int MaxOfAKind = 64;

    public static Command Create()
    {
        var broker = new Option<string?>("--broker") { Description = $"RabbitMQ, amqp://user:password@host:5672/vhost; also from {BrokerVariable}.", HelpName = "URI" };
        var pcap = CommonOptions.Pcap();
        var device = new Option<string?>("--interface") { Description = "Interface to capture from; \"any\" for all.", HelpName = "IF" };
        var filter = CommonOptions.Filter();
        var speed = new Option<string>("--speed") { Description = "How fast a file is played: 1, N or max.", DefaultValueFactory = _ => "1", HelpName = "N|max" };
        var sink = new Option<string>("--sink") { Description = "Folder that gets the audio, and sip-tracker's calls.", DefaultValueFactory = _ => "audio", HelpName = "DIR" };
        var transcoders = CommonOptions.Number("--transcoders", "Transcoder processes.", 1);
        var gateways = CommonOptions.Number("--gateways", "Gateway processes.", 1);
        var command = new Command("up", "Start the five services as separate processes over a broker, with one log on stdout; Ctrl-C stops them all.")
        {
            broker, pcap, device, filter, speed, sink, transcoders, gateways,
        };
        command.SetAction((parsed, stopping) => RunAsync(
            new FleetPlan(
                Broker(parsed.GetValue(broker) ?? Environment.GetEnvironmentVariable(BrokerVariable)),
                Capture(parsed.GetValue(pcap) ?? [], parsed.GetValue(device), parsed.GetValue(filter), parsed.GetValue(speed)!),
                Gateway(isFile: parsed.GetValue(device) is null),
                Files.Folder(parsed.GetValue(sink)!),
                Path.Combine(Files.Folder(parsed.GetValue(sink)!), StateFile),
                Count(parsed.GetValue(transcoders), "transcoders"),
                Count(parsed.GetValue(gateways), "gateways")),
            stopping));
        return command;
    }

    private static string Broker(string? uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var broker) && broker.Scheme is ("amqp" or "amqps")
            ? uri!
            : throw new CommandException("say where RabbitMQ is: --broker amqp://user:password@host:5672/vhost");

    private static Dictionary<string, string> Capture(string[] files, string? device, string? filter, string speed)
    {
        if (files.Length == 0 == device is null)
            throw new CommandException("say where packets come from: either --pcap FILE... or --interface IF");
        _ = InputOptions.Speed(speed);
        var settings = new Dictionary<string, string> { ["Capture__Speed"] = speed };
        if (device is not null)
            settings["Capture__Interface"] = device;
        for (int i = 0; i < files.Length; i++)
            settings[$"Capture__File__{i}"] = Path.GetFullPath(files[i]);
        if (filter is not null)
            settings["Capture__Filter"] = filter;
        return settings;
    }

    // Of a file nothing is late: whatever is missing is on its way, if need be behind all that other transcoders have done meanwhile.
    private static Dictionary<string, string> Gateway(bool isFile) => isFile ? new() { ["Gateway__LateLimit"] = "", ["Broker__LanePrefetch"] = "10000" } : [];

    private static int Count(int number, string what) =>
        number is >= 1 and <= MaxOfAKind ? number : throw new CommandException($"{number} {what} are not possible; say 1 to {MaxOfAKind}");

    private static async Task<int> RunAsync(FleetPlan plan, CancellationToken stopping)
    {
        using var fleet = await Fleet.StartAsync(plan, Log, stopping);
        string? failure = await fleet.WatchAsync(stopping);
        await fleet.StopAsync();
        return failure is null ? 0 : throw new CommandException($"{failure}; all others have been stopped");
    }

    // Lines come from many processes at once.
    private static void Log(string line)
    {
        lock (Console.Out)
            Console.Out.WriteLine(line);
    }
}
