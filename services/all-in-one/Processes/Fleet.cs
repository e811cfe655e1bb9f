using System.Text.RegularExpressions;
using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Embedded;
using CallMirror.WsGateway;

namespace CallMirror.AllInOne.Processes;

/// <summary>What is to be started.</summary>
/// <param name="Broker">The broker's URI.</param>
/// <param name="Capture">Settings of capture: where packets come from; null where it begins later.</param>
/// <param name="Gateway">Settings of the gateways, beside where the sink is.</param>
/// <param name="SinkFolder">The folder that gets the audio; null for no sink.</param>
/// <param name="StatePath">The file that keeps sip-tracker's calls.</param>
/// <param name="Transcoders">How many.</param>
/// <param name="Gateways">How many.</param>
internal sealed record FleetPlan(
    string Broker,
    IReadOnlyDictionary<string, string>? Capture,
    IReadOnlyDictionary<string, string> Gateway,
    string? SinkFolder,
    string StatePath,
    int Transcoders,
    int Gateways)
{
    /// <summary>A listener beside the sink, or in its place.</summary>
    public Listener? Listener { get; init; }

    /// <summary>Settings of all.</summary>
    public IReadOnlyDictionary<string, string> Common { get; init; } = new Dictionary<string, string>();
}

/// <summary>The five services as processes of their own, over a broker, with one log.</summary>
internal sealed partial class Fleet : IDisposable
{
    private const string CaptureName = "capture";
    private const string GatewayName = "gateway";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HealthPoll = TimeSpan.FromMilliseconds(100);

    private readonly FleetPlan _plan;
    private readonly Action<string> _log;
    private readonly List<ServiceChild> _children = [];

    private Fleet(FleetPlan plan, Action<string> log) => (_plan, _log) = (plan, log);

    /// <summary>Its processes, in the order in which they were started.</summary>
    public IReadOnlyList<ServiceChild> Children => _children;

    /// <summary>Starts the sink, which says where it listens, then all others, capture last.</summary>
    /// <exception cref="CommandException">The sink does not start.</exception>
    public static async Task<Fleet> StartAsync(FleetPlan plan, Action<string> log, CancellationToken cancellationToken)
    {
        var fleet = new Fleet(plan, log);
        try
        {
            await fleet.StartAllAsync(cancellationToken);
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    /// <summary>Waits until a process ends by itself that should not, and returns one sentence; null where <paramref name="stopping"/> came first.</summary>
    public async Task<string?> WatchAsync(CancellationToken stopping)
    {
        var running = _children.ToList();
        while (running.Count > 0)
        {
            try
            {
                var ended = await Task.WhenAny(running.Select(child => child.Ended)).WaitAsync(stopping);
                var child = running.First(one => one.Ended == ended);
                running.Remove(child);
                int code = await ended;
                if (child.Name != CaptureName || code != 0)
                    return $"{child.Name} ended with exit code {code}";
                _log("up: capture has read all of its source");
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>Stops them from the source on, so that each finds its followers still there for what it flushes.</summary>
    public async Task StopAsync()
    {
        foreach (var child in Enumerable.Reverse(_children))
        {
            bool wasUp = !child.Ended.IsCompleted;
            int code = await child.StopAsync(StopTimeout);
            if (wasUp && code != 0)
                _log($"up: {child.Name} ended with exit code {code}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var child in _children)
            child.Dispose();
    }

    /// <summary>Waits until each says that it is healthy.</summary>
    /// <exception cref="CommandException">One does not, in time.</exception>
    public async Task WhenReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var client = new HttpClient();
        foreach (var child in _children)
        {
            try
            {
                var health = (await child.WaitForAsync(HealthLine(), timeout, cancellationToken)).Groups[1].Value;
                while (!await IsHealthyAsync(client, health, either.Token))
                    await Task.Delay(HealthPoll, TimeProvider.System, either.Token);
            }
            catch (Exception e) when (e is TimeoutException or HttpRequestException || (e is OperationCanceledException && limit.IsCancellationRequested))
            {
                throw new CommandException($"{child.Name} does not start: {(child.Lines is [.., var last] ? last : "it says nothing")}", e);
            }
        }
    }

    /// <summary>Starts capture.</summary>
    public ServiceChild StartCapture(IReadOnlyDictionary<string, string> settings) => Start("CallMirror.Capture", CaptureName, new(settings));

    private static async Task<bool> IsHealthyAsync(HttpClient client, string url, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(new Uri(url), cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    private async Task<string> StartSinkAsync(string folder, CancellationToken cancellationToken)
    {
        var sink = Start("CallMirror.WsSink", "sink", new() { ["Sink__Directory"] = folder, ["Sink__Port"] = "0", ["Sink__PagePort"] = "0" });
        try
        {
            return (await sink.WaitForAsync(ListeningLine(), StartTimeout, cancellationToken)).Groups[1].Value;
        }
        catch (TimeoutException e)
        {
            throw new CommandException("the sink does not start; its log says why", e);
        }
    }

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        List<Listener> listeners = [];
        if (_plan.SinkFolder is not null)
            listeners.Add(new Listener(WsGatewayOptions.DefaultGroup, new Uri(await StartSinkAsync(_plan.SinkFolder, cancellationToken)), [], BearerToken: null));
        if (_plan.Listener is not null)
            listeners.Add(_plan.Listener);
        foreach (var listener in listeners)
            StartGateways(listener, listener == listeners[0] ? GatewayName : $"{GatewayName}-{listener.Group}");
        for (int i = 1; i <= _plan.Transcoders; i++)
            Start("CallMirror.Transcoder", Numbered("transcoder", i, _plan.Transcoders), []);
        string groups = string.Join(',', listeners.Select(listener => listener.Group));
        Start("CallMirror.SipTracker", "sip-tracker", new() { ["SipTracker__StatePath"] = _plan.StatePath, ["SipTracker__LaneGroups"] = groups });
        if (_plan.Capture is not null)
            StartCapture(_plan.Capture);
    }

    private void StartGateways(Listener listener, string name)
    {
        var settings = _plan.Gateway.Concat(GatewaySettings.Of(listener)).Append(new("Gateway__ListenPort", "0")).ToList();
        for (int i = 1; i <= _plan.Gateways; i++)
            Start("CallMirror.WsGateway", Numbered(name, i, _plan.Gateways), new(settings));
    }

    private ServiceChild Start(string assembly, string name, Dictionary<string, string> settings)
    {
        foreach (var (setting, value) in _plan.Common)
            settings[setting] = value;
        settings["Broker__Uri"] = _plan.Broker;
        settings["Health__Port"] = "0";
        var child = ServiceChild.Start(
            assembly, name, settings.Select(setting => KeyValuePair.Create("CallMirror__" + setting.Key, setting.Value)), line => _log($"{name}: {line}"));
        _children.Add(child);
        return child;
    }

    private static string Numbered(string name, int number, int count) => count == 1 ? name : $"{name}-{number}";

    [GeneratedRegex(@"Listening on (ws://\S+),")]
    internal static partial Regex ListeningLine();

    [GeneratedRegex(@"health is at (http://\S+/health)")]
    internal static partial Regex HealthLine();
}
