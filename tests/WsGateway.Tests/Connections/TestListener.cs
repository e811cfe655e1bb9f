using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CallMirror.Contracts.Naming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>What one connection to the listener brought.</summary>
internal sealed class Heard
{
    public required Dictionary<string, string> Headers { get; init; }

    public List<JsonElement> Texts { get; } = [];

    /// <summary>For each text, the bytes of audio that came before it.</summary>
    public List<int> TextsAfter { get; } = [];

    public List<byte> Audio { get; } = [];

    public List<int> Frames { get; } = [];

    public WebSocketCloseStatus? Closed { get; set; }

    public JsonElement Start => Texts[0];

    public string Tag => Texts.Count == 0 ? "" : Start.GetProperty("tag").GetString()!;

    public JsonElement Last => Texts[^1];
}

/// <summary>A real WebSocket server: by default a plain one, which knows only texts and audio and never answers.</summary>
internal sealed class TestListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, List<byte>> _stored = new();
    private TaskCompletionSource _heardMore = New();
    private int _connections;

    private TestListener(WebApplication app) => _app = app;

    /// <summary>Acknowledges start, each frame and the end.</summary>
    public bool Acknowledges { get; init; }

    /// <summary>Says in its answer to the upgrade that it acknowledges.</summary>
    public bool SaysThatItAcknowledges { get; set; }

    /// <summary>Called after each message; true makes the listener drop the connection. The number counts connections from 0.</summary>
    public Func<int, Heard, bool> Drops { get; init; } = static (_, _) => false;

    /// <summary>Called after each message; a code makes the listener close with it, in good order. The number counts connections from 0.</summary>
    public Func<int, Heard, int?> Closes { get; set; } = static (_, _) => null;

    /// <summary>Called after each message; a text is said to the gateway.</summary>
    public Func<Heard, string?> Says { get; set; } = static _ => null;

    /// <summary>Answers every handshake with 403.</summary>
    public bool Refuses { get; init; }

    /// <summary>Awaited before each message is received.</summary>
    public Func<CancellationToken, Task> Pace { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Connections in the order in which they came.</summary>
    public ConcurrentQueue<Heard> Connections { get; } = new();

    public Uri Url { get; private set; } = null!;

    public static async Task<TestListener> StartAsync(CancellationToken cancellationToken, bool acknowledges = false, Func<int, Heard, bool>? drops = null, bool tls = false, int port = 0, Func<CancellationToken, Task>? pace = null, bool refuses = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint =>
        {
            if (tls)
                endpoint.UseHttps(SelfSigned());
        }));
        var listener = new TestListener(builder.Build()) { Acknowledges = acknowledges, Drops = drops ?? (static (_, _) => false), Refuses = refuses, Pace = pace ?? (static _ => Task.CompletedTask) };
        listener._app.UseWebSockets();
        listener._app.Run(listener.ServeAsync);
        await listener._app.StartAsync(cancellationToken);
        string address = listener._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        listener.Url = new Uri(address.Replace("http", "ws", StringComparison.Ordinal) + "/audio");
        return listener;
    }

    public Heard Of(string tag) => Connections.Single(heard => heard.Texts.Count > 0 && heard.Tag == tag);

    /// <summary>A stream as this listener has put it together by position.</summary>
    public byte[] Stored(string tag) => [.. _stored[tag]];

    /// <summary>Waits until something holds; it is looked at after each message.</summary>
    public async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _heardMore.Task;
            if (holds())
                return;
            await next.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (Refuses)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        int number = Interlocked.Increment(ref _connections) - 1;
        if (SaysThatItAcknowledges)
            context.Response.Headers[ListenerHeader.Acknowledges] = "position";
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var heard = new Heard { Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase) };
        Connections.Enqueue(heard);
        try
        {
            await ReceiveAsync(socket, heard, number, context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The gateway went away, or this listener stops.
        }
    }

    private async Task ReceiveAsync(WebSocket socket, Heard heard, int number, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        long position = 0;
        while (true)
        {
            await Pace(cancellationToken);
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                Close(heard, socket);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
                return;
            }

            Assert.True(received.EndOfMessage);
            position = Take(heard, buffer.AsSpan(0, received.Count), received.MessageType, position);
            Interlocked.Exchange(ref _heardMore, New()).SetResult();
            if (Drops(number, heard))
            {
                socket.Abort();
                return;
            }

            if (Says(heard) is { } text)
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            if (Closes(number, heard) is { } code)
            {
                await socket.CloseAsync((WebSocketCloseStatus)code, "it says why", cancellationToken);
                Close(heard, socket);
                return;
            }

            if (Acknowledges)
                await AcknowledgeAsync(socket, heard, cancellationToken);
        }
    }

    private void Close(Heard heard, WebSocket socket)
    {
        heard.Closed = socket.CloseStatus;
        Interlocked.Exchange(ref _heardMore, New()).SetResult();
    }

    private long Take(Heard heard, ReadOnlySpan<byte> message, WebSocketMessageType type, long position)
    {
        if (type == WebSocketMessageType.Binary)
        {
            heard.Audio.AddRange(message);
            heard.Frames.Add(message.Length);
            return Store(heard, message, position);
        }

        heard.TextsAfter.Add(heard.Audio.Count);
        heard.Texts.Add(JsonDocument.Parse(Encoding.UTF8.GetString(message)).RootElement);
        return heard.Last.GetProperty("type").GetString() is "start" or "continue" ? heard.Last.GetProperty("position").GetInt64() : position;
    }

    private long Store(Heard heard, ReadOnlySpan<byte> audio, long position)
    {
        var bytes = _stored.GetOrAdd(StreamOf(heard), _ => []);
        long first = FirstPosition(heard);
        while (bytes.Count < ((position - first) * 2) + audio.Length)
            bytes.Add(0);
        for (int i = 0; i < audio.Length; i++)
            bytes[(int)((position - first) * 2) + i] = audio[i];
        return position + (audio.Length / 2);
    }

    private async Task AcknowledgeAsync(WebSocket socket, Heard heard, CancellationToken cancellationToken)
    {
        long end = FirstPosition(heard) + (_stored.GetValueOrDefault(StreamOf(heard))?.Count / 2 ?? 0);
        byte[] text = Encoding.UTF8.GetBytes($$"""{"type":"ack","position":{{end}}}""");
        await socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    private long FirstPosition(Heard heard) =>
        Connections.First(other => other.Texts.Count > 0 && other.Tag == StreamOf(heard)).Start.GetProperty("position").GetInt64();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string StreamOf(Heard heard) =>
        heard.Start.TryGetProperty("resumes", out var resumes) ? resumes.GetString()! : heard.Tag;

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
