using System.Text.Json;
using CallMirror.TestKit;
using CallMirror.WsSink.Calls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallMirror.WsSink.Tests;

/// <summary>A sink on free ports in a folder of its own, with a clock that stands still until it is told otherwise.</summary>
internal sealed class SinkFixture : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private SinkFixture(SinkServer server, ManualTimeProvider time, bool ownsFolder)
    {
        Server = server;
        Time = time;
        _ownsFolder = ownsFolder;
    }

    public SinkServer Server { get; }
    public ManualTimeProvider Time { get; }
    public string Folder => Server.Directory;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SinkFixture> StartAsync(Func<SinkOptions, SinkOptions>? change = null, string? folder = null, ILoggerProvider? log = null)
    {
        var time = new ManualTimeProvider();
        var options = new SinkOptions { Directory = folder ?? NewFolder(), Port = 0, PagePort = 0 };
        var server = await SinkServer.StartAsync(change?.Invoke(options) ?? options, log is null ? NullLoggerFactory.Instance : LoggerFactory.Create(logging => logging.AddProvider(log)), time, Cancel);
        return new SinkFixture(server, time, folder is null);
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("ws-sink-").FullName;

    public Task<SinkClient> ConnectAsync() => SinkClient.ConnectAsync(Server.WebSocketUri);

    /// <summary>Connects, sends a `start` and reads its ack.</summary>
    public async Task<SinkClient> StartStreamAsync(string tag, long position = 0, string? resumes = null)
    {
        var client = await ConnectAsync();
        await client.SendAsync(SinkClient.Start(tag, position, resumes));
        await client.AckAsync();
        return client;
    }

    public string In(string name) => Path.Combine(Folder, name);

    public byte[] Bytes(string name) => File.ReadAllBytes(In(name));

    public CallRecord Sidecar(string call) => JsonSerializer.Deserialize(Bytes(call + ".json"), RecordJson.Default.CallRecord)!;

    /// <summary>Everything in the folder that a stream or call left there.</summary>
    public string[] Files() => [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)!).Where(name => name[0] != '.').Order(StringComparer.Ordinal)];

    /// <summary>Waits until the call has no connection; the server finds out in its own time.</summary>
    public Task LostAsync(string call) => UntilAsync(() => Task.FromResult(
        Server.Snapshot().Calls.First(found => found.Name == call).Streams.All(stream => stream.State != "live")));

    public Task StoredAsync(string name, int samples) => UntilAsync(() => Task.FromResult(new FileInfo(In(name)).Length >= samples * 2));

    /// <summary>Moves the clock on, second by second, until the sink has turned somebody away; then it stands still, so that the goodbye has time.</summary>
    public Task AdvanceUntilRefusedAsync() => UntilAsync(() =>
    {
        if (Server.Snapshot().Totals.Refusals > 0)
            return Task.FromResult(true);
        Time.Advance(TimeSpan.FromSeconds(1));
        return Task.FromResult(false);
    });

    /// <summary>Asks again and again, for ten seconds at most.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await condition())
            await again.WaitForNextTickAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }
}
