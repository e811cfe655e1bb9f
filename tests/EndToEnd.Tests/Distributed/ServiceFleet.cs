using System.Text.RegularExpressions;
using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Services as processes of their own over a real broker; whatever still runs is killed at the end of the test.</summary>
internal sealed partial class ServiceFleet(string brokerUri, IEnumerable<KeyValuePair<string, string>>? environment = null) : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly List<ServiceChild> _children = [];

    /// <summary>All that was started, those that have ended included.</summary>
    public IEnumerable<(int Number, ServiceChild Child)> Children => _children.Select((child, number) => (number, child));

    public ServiceChild Start(string assembly, params (string Setting, string Value)[] settings)
    {
        (string, string)[] common = [("Broker__Uri", brokerUri), ("Health__Port", "0"), ("Gateway__ListenPort", "0")];
        var ours = common.Concat(settings).Select(pair => KeyValuePair.Create("CallMirror__" + pair.Item1, pair.Item2));
        var child = ServiceChild.Start(assembly, assembly, ours.Concat(environment ?? []));
        _children.Add(child);
        return child;
    }

    public async Task<(ServiceChild Sink, string Url)> StartSinkAsync(string folder)
    {
        var sink = Start("CallMirror.WsSink", ("Sink__Directory", folder), ("Sink__Port", "0"), ("Sink__PagePort", "0"));
        return (sink, (await SaysAsync(sink, Fleet.ListeningLine())).Groups[1].Value);
    }

    /// <summary>
    /// Of a file that is read as fast as can be nothing is late: whatever is missing is on its way. It may come behind all that other transcoders have
    /// done meanwhile, so the gateway may hold all of that.
    /// </summary>
    public ServiceChild StartGateway(string listener) => Start("CallMirror.WsGateway", ("Gateway__Url", listener), ("Gateway__LateLimit", ""), ("Broker__LanePrefetch", "10000"));

    public ServiceChild StartTranscoder() => Start("CallMirror.Transcoder");

    public ServiceChild StartSipTracker(string statePath) => Start("CallMirror.SipTracker", ("SipTracker__StatePath", statePath));

    public ServiceChild StartCapture(string file, string speed) => Start("CallMirror.Capture", ("Capture__File", file), ("Capture__Speed", speed));

    /// <summary>The tags of the streams that a sink, or a gateway, has ended, one each time it did.</summary>
    public static IEnumerable<string> EndedTags(ServiceChild child) => Tags(child, EndedLine());

    /// <summary>The tags of the streams whose end came to a sink again.</summary>
    public static IEnumerable<string> EndedBeforeTags(ServiceChild sink) => Tags(sink, EndedBeforeLine());

    /// <summary>Waits for a line of a service's log.</summary>
    public static Task<Match> SaysAsync(ServiceChild child, Regex line) => child.WaitForAsync(line, StartTimeout, TestContext.Current.CancellationToken);

    /// <summary>Where a service answers about its health.</summary>
    public static async Task<Uri> HealthAsync(ServiceChild child) => new(new Uri((await SaysAsync(child, Fleet.HealthLine())).Groups[1].Value), "/");

    /// <summary>What a service shows on <c>/metrics</c>, by name.</summary>
    public static async Task<IReadOnlyDictionary<string, ExpositionFamily>> MetricsAsync(ServiceChild child)
    {
        using var client = new HttpClient { BaseAddress = await HealthAsync(child) };
        return Exposition.Read(await client.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    /// <summary>SIGTERM to all, the source first: each ends with 0 within ten seconds.</summary>
    public async Task StopAllAsync(ServiceChild? but = null)
    {
        foreach (var child in Enumerable.Reverse(_children).Where(child => child != but))
            Assert.True(await child.StopAsync(StopTimeout) == 0, $"{child.Name} has not stopped cleanly:\n{string.Join('\n', child.Lines)}");
    }

    public void Dispose()
    {
        foreach (var child in _children)
            child.Dispose();
    }

    private static IEnumerable<string> Tags(ServiceChild child, Regex line) =>
        child.Lines.Select(said => line.Match(said)).Where(match => match.Success).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"Stream (\S+) ended ")]
    public static partial Regex EndedLine();

    [GeneratedRegex(@"Stream (\S+) had ended already")]
    private static partial Regex EndedBeforeLine();
}
