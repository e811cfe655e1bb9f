using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.EndToEnd.Tests;

/// <summary>
/// A listener that knows only "JSON text with call_id and tag, then binary, then JSON type = end": it opens <c>&lt;tag&gt;.pcm</c> on the first text,
/// appends binary, and notes when the end came. It never says anything.
/// </summary>
internal sealed class PlainListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly Task _opened;
    private readonly CancellationTokenSource _closing = new();
    private int _connections;

    private PlainListener(WebApplication app, string folder, Task opened) => (_app, _folder, _opened) = (app, folder, opened);

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Replace("http", "ws", StringComparison.Ordinal));

    /// <summary>What came over each connection, by tag.</summary>
    public Dictionary<string, PlainStream> Streams { get; } = [];

    /// <summary>Tags whose end has come.</summary>
    public IReadOnlyList<string> Ended
    {
        get
        {
            lock (Streams)
                return [.. Streams.Where(stream => stream.Value.HasEnded).Select(stream => stream.Key)];
        }
    }

    /// <summary>The upgrade requests' Authorization headers.</summary>
    public List<string?> Authorizations { get; } = [];

    /// <summary>The upgrade requests' values of another header.</summary>
    public List<string?> Tenants { get; } = [];

    /// <summary>The header that <see cref="Tenants"/> are taken from.</summary>
    public const string TenantHeader = "X-Tenant";

    /// <summary>Upgrade requests so far, answered or not.</summary>
    public int Requests
    {
        get
        {
            lock (Authorizations)
                return Authorizations.Count;
        }
    }

    /// <summary>Samples in all files.</summary>
    public long Samples
    {
        get
        {
            lock (Streams)
                return Streams.Values.Sum(stream => stream.Samples);
        }
    }

    /// <param name="folder">Where its files go.</param>
    /// <param name="port">0 for a free one.</param>
    /// <param name="opened">Upgrade requests are answered once this has completed.</param>
    public static async Task<PlainListener> StartAsync(string folder, int port = 0, Task? opened = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var listener = new PlainListener(app, folder, opened ?? Task.CompletedTask);
        app.UseWebSockets();
        app.Run(listener.AcceptAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return listener;
    }

    /// <summary>Samples in the shortest of so many files; 0 while there are fewer.</summary>
    public long SamplesOfEach(int streams)
    {
        lock (Streams)
            return Streams.Count < streams ? 0 : Streams.Values.Min(stream => stream.Samples);
    }

    /// <summary>Says goodbye on every connection, takes no new one, and takes what still comes, as a server does that is restarted in good order.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync();
        await Eventually.HoldsAsync(() => Volatile.Read(ref _connections) == 0, "all connections are closed");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _closing.Dispose();
    }

    private async Task AcceptAsync(Microsoft.AspNetCore.Http.HttpContext context)
    {
        lock (Authorizations)
        {
            Authorizations.Add(context.Request.Headers.Authorization);
            Tenants.Add(context.Request.Headers[TenantHeader]);
        }

        await _opened.WaitAsync(context.RequestAborted);
        if (_closing.IsCancellationRequested)
        {
            context.Response.StatusCode = Microsoft.AspNetCore.Http.StatusCodes.Status503ServiceUnavailable;
            return;
        }

        Interlocked.Increment(ref _connections);
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await using var goodbye = _closing.Token.Register(() => socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None));
        try
        {
            await ListenAsync(socket, context.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task ListenAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        PlainStream? stream = null;
        try
        {
            await ReceiveAsync(socket, opened => stream = opened, cancellationToken);
        }
        finally
        {
            // Also where the other side was killed: what came by then is there to be read.
            stream?.Dispose();
        }
    }

    private async Task ReceiveAsync(WebSocket socket, Action<PlainStream> opens, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 16];
        PlainStream? stream = null;
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken) is { MessageType: not WebSocketMessageType.Close } received)
        {
            var message = buffer.AsMemory(0, received.Count);
            if (received.MessageType == WebSocketMessageType.Binary)
                stream!.Append(message.Span);
            else if (stream is null)
                opens(stream = Open(JsonSerializer.Deserialize<JsonElement>(message.Span)));
            else
                stream.Take(JsonSerializer.Deserialize<JsonElement>(message.Span));
        }

        if (socket.State == WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }

    private PlainStream Open(JsonElement start)
    {
        _ = start.GetProperty("call_id").GetString();
        string tag = start.GetProperty("tag").GetString()!;
        var stream = new PlainStream(Path.Combine(_folder, tag + ".pcm"), start);
        lock (Streams)
            Streams.Add(tag, stream);
        return stream;
    }
}

/// <summary>What came over one connection of a <see cref="PlainListener"/>.</summary>
internal sealed class PlainStream(string path, JsonElement start) : IDisposable
{
    private const double SamplesPerMs = 16;

    private readonly FileStream _file = File.Create(path);
    private readonly DateTimeOffset _startedAt = start.GetProperty("started_at").GetDateTimeOffset();
    private long _bytes;

    /// <summary>The first text.</summary>
    public JsonElement Start { get; } = start;

    /// <summary>Sizes of the binary messages.</summary>
    public List<int> Frames { get; } = [];

    /// <summary>Milliseconds from when the last sample of a binary message was captured to when the message came.</summary>
    public List<double> DelaysMs { get; } = [];

    /// <summary>All later texts, with the samples that had come before.</summary>
    public List<(long Samples, JsonElement Json)> Texts { get; } = [];

    public long Samples => Interlocked.Read(ref _bytes) / sizeof(short);

    public bool HasEnded { get; private set; }

    /// <summary>Where its first sample stands.</summary>
    public long Position => Start.GetProperty("position").GetInt64();

    public IEnumerable<(long Samples, JsonElement Json)> Events(string type) => Texts.Where(text => text.Json.GetProperty("type").GetString() == type);

    public void Append(ReadOnlySpan<byte> audio)
    {
        Assert.False(HasEnded);
        _file.Write(audio);
        Frames.Add(audio.Length);
        Interlocked.Add(ref _bytes, audio.Length);
        DelaysMs.Add((TimeProvider.System.GetUtcNow() - _startedAt).TotalMilliseconds - ((Position + Samples) / SamplesPerMs));
    }

    public void Take(JsonElement text)
    {
        Assert.False(HasEnded);
        Texts.Add((Samples, text));
        if (text.GetProperty("type").GetString() != "end")
            return;
        // Whoever sees the end reads the file.
        _file.Flush();
        HasEnded = true;
    }

    public void Dispose() => _file.Dispose();
}
