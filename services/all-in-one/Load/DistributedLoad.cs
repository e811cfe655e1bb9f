using System.Globalization;
using System.Text.RegularExpressions;
using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Embedded;
using CallMirror.AllInOne.Processes;
using CallMirror.Capture.Synthetic;
using CallMirror.Contracts.Naming;
using CallMirror.WsGateway;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.AllInOne.Load;

/// <summary>The services as processes of their own, over a broker.</summary>
internal sealed partial class DistributedLoad : ILoadedPipeline
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    private readonly LoadOptions _options;
    private readonly DirectoryInfo _folder;
    private readonly Fleet _fleet;
    private readonly BrokerDepths _depths;
    private readonly CancellationTokenSource _stopping = new();
    private ServiceChild? _capture;

    private DistributedLoad(LoadOptions options, DirectoryInfo folder, Fleet fleet, BrokerDepths depths)
    {
        (_options, _folder, _fleet, _depths) = (options, folder, fleet, depths);
        Processes = [.. fleet.Children.Select(child => new ProcessMeter(child.Name, child.Id)), new("load", Environment.ProcessId), .. Broker(options.Broker!)];
    }

    public IReadOnlyList<ProcessMeter> Processes { get; private set; }

    public Task<string?> Broken { get; private set; } = new TaskCompletionSource<string?>().Task;

    /// <summary>Starts all but capture, and waits until they are ready.</summary>
    public static async Task<DistributedLoad> StartAsync(LoadOptions options, Uri listener, Action<string> warned, CancellationToken cancellationToken)
    {
        var depths = await ConnectAsync(options.Broker!, cancellationToken);
        var folder = Directory.CreateTempSubdirectory("callmirror-load-");
        Fleet? fleet = null;
        try
        {
            fleet = await Fleet.StartAsync(Plan(options, listener, folder), line => Warn(line, warned), cancellationToken);
            await fleet.WhenReadyAsync(ReadyTimeout, cancellationToken);
            return new DistributedLoad(options, folder, fleet, depths);
        }
        catch
        {
            fleet?.Dispose();
            folder.Delete(recursive: true);
            await depths.DisposeAsync();
            throw;
        }
    }

    public void Begin()
    {
        _capture = _fleet.StartCapture(Settings(_options.Plan));
        Processes = [new(_capture.Name, _capture.Id), .. Processes];
        Broken = _fleet.WatchAsync(_stopping.Token);
    }

    public Task<QueueDepths> DepthsAsync(IReadOnlyList<CallKey> calls, CancellationToken cancellationToken) => _depths.ReadAsync(calls, cancellationToken);

    public async Task<LoadIntake> StopAsync()
    {
        await _stopping.CancelAsync();
        await _fleet.StopAsync();
        var said = _capture?.Lines.Select(line => EndedLine().Match(line)).FirstOrDefault(match => match.Success);
        return said is null ? new LoadIntake(0, 0, "unknown, for capture ended without a word") : new LoadIntake(Number(said.Groups[1]), Number(said.Groups[2]), said.Groups[3].Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _fleet.Dispose();
        await _depths.DisposeAsync();
        _folder.Delete(recursive: true);
        _stopping.Dispose();
    }

    private static async Task<BrokerDepths> ConnectAsync(Uri broker, CancellationToken cancellationToken)
    {
        try
        {
            var depths = await BrokerDepths.ConnectAsync(broker, WsGatewayOptions.DefaultGroup, cancellationToken);
            if (!await depths.IsInUseAsync(cancellationToken))
                return depths;
            await depths.DisposeAsync();
        }
        catch (BrokerUnreachableException e)
        {
            throw new CommandException($"RabbitMQ at {broker.Host}:{BrokerProcess.PortOf(broker)} can't be reached, or refuses the user", e);
        }

        throw new CommandException("other services use this broker and would get the calls that are made up; give the load a virtual host of its own");
    }

    private static FleetPlan Plan(LoadOptions options, Uri listener, DirectoryInfo folder) => new(
        options.Broker!.OriginalString, Capture: null, new Dictionary<string, string>(), SinkFolder: null, Path.Combine(folder.FullName, "calls.db"), options.Transcoders, options.Gateways)
    {
        Listener = new Listener(WsGatewayOptions.DefaultGroup, listener, [], BearerToken: null),
        Common = new Dictionary<string, string> { ["Broker__Durable"] = options.IsTransient ? "false" : "true" },
    };

    private static Dictionary<string, string> Settings(LoadPlan plan) => new()
    {
        ["Capture__Load__Calls"] = plan.Calls.ToString(CultureInfo.InvariantCulture),
        ["Capture__Load__Seconds"] = plan.Seconds.ToString(CultureInfo.InvariantCulture),
        ["Capture__Load__Ramp"] = plan.Ramp.ToString("c"),
    };

    private static IEnumerable<ProcessMeter> Broker(Uri broker) => BrokerProcess.Find(broker) is { } found ? [found] : [];

    private static void Warn(string line, Action<string> warned)
    {
        if (TroubleLine().IsMatch(line))
            warned(line);
    }

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"capture ended: (\d+) packets, (\d+) RTP and \d+ SIP taken; dropped: (.+)")]
    private static partial Regex EndedLine();

    [GeneratedRegex(@" (warn|fail|crit): ")]
    private static partial Regex TroubleLine();
}
