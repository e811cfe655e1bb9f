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
        var listeners = new ListenerOptions();
        var sink = new Option<string?>("--sink")
        {
            Description = $"Folder in which an own listener stores the audio, and sip-tracker its calls (where no --push is given: ./{RunCommand.DefaultFolder}).",
            HelpName = "DIR",
        };
        var transcoders = CommonOptions.Number("--transcoders", "Transcoder processes.", 1);
        var gateways = CommonOptions.Number("--gateways", "Gateway processes.", 1);
        var command = new Command("up", "Start the five services as separate processes over a broker, with one log on stdout; Ctrl-C stops them all.")
        {
            broker, pcap, device, filter, speed, sink, transcoders, gateways,
        };
        listeners.AddWithPushTo(command);
        command.SetAction((parsed, stopping) =>
        {
            bool isLive = parsed.GetValue(device) is not null;
            string uri = Broker(parsed.GetValue(broker) ?? Environment.GetEnvironmentVariable(BrokerVariable));
            var capture = Capture(parsed.GetValue(pcap) ?? [], parsed.GetValue(device), parsed.GetValue(filter), parsed.GetValue(speed)!);
            var push = listeners.ReadPush(parsed, Run.PushGroup);
            var folder = parsed.GetValue(sink) is { } named ? Files.Folder(named) : push is null ? Files.Folder(RunCommand.DefaultFolder) : null;
            var plan = new FleetPlan(
                uri,
                capture,
                Gateway(isFile: !isLive),
                folder,
                Path.Combine(folder ?? Environment.CurrentDirectory, StateFile),
                Count(parsed.GetValue(transcoders), "transcoders"),
                Count(parsed.GetValue(gateways), "gateways"))
            {
                Listener = push,
            };
            return RunAsync(plan, isLive, stopping);
        });
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

    private static async Task<int> RunAsync(FleetPlan plan, bool isLive, CancellationToken stopping)
    {
        if (plan.Listener is not null)
            await ListenerOptions.ProbeAsync(plan.Listener, isLive, note => Log($"up: {note}"), stopping);
        using var fleet = await Fleet.StartAsync(plan, Log, stopping);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var ready = isLive ? SayWhenReadyAsync(fleet, plan.Capture!["Capture__Interface"], ended.Token) : Task.CompletedTask;
        string? failure = await fleet.WatchAsync(stopping);
        await ended.CancelAsync();
        await ready;
        await fleet.StopAsync();
        return failure is null ? 0 : throw new CommandException($"{failure}; all others have been stopped");
    }

    // The broker may come whenever it likes.
    private static async Task SayWhenReadyAsync(Fleet fleet, string device, CancellationToken cancellationToken)
    {
        try
        {
            await fleet.WhenReadyAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            Log($"up: capturing from {device}");
        }
        catch (Exception e) when (e is OperationCanceledException or CommandException)
        {
            // Stopped; or one has ended, which is said by whoever watches them.
        }
    }

    // Lines come from many processes at once.
    private static void Log(string line)
    {
        lock (Console.Out)
            Console.Out.WriteLine(line);
    }
}
