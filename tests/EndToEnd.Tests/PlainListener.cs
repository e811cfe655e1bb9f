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

    private PlainListener(WebApplication app, string folder) => (_app, _folder) = (app, folder);

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Replace("http", "ws", StringComparison.Ordinal));

    /// <summary>Tags whose end has come.</summary>
    public List<string> Ended { get; } = [];

    /// <summary>Sizes of the binary frames of each tag.</summary>
    public Dictionary<string, List<int>> Frames { get; } = [];

    /// <summary>The upgrade requests' Authorization headers.</summary>
    public List<string?> Authorizations { get; } = [];

    public static async Task<PlainListener> StartAsync(string folder)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var listener = new PlainListener(app, folder);
        app.UseWebSockets();
        app.Run(async context =>
        {
            lock (listener.Authorizations)
                listener.Authorizations.Add(context.Request.Headers.Authorization);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await listener.ListenAsync(socket, context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return listener;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ListenAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 16];
        string? tag = null;
        FileStream? file = null;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            if (received.MessageType == WebSocketMessageType.Binary)
            {
                file!.Write(buffer, 0, received.Count);
                Frames[tag!].Add(received.Count);
                continue;
            }

            using var json = JsonDocument.Parse(buffer.AsMemory(0, received.Count));
            if (tag is null)
            {
                _ = json.RootElement.GetProperty("call_id").GetString();
                tag = json.RootElement.GetProperty("tag").GetString()!;
                file = File.Create(Path.Combine(_folder, tag + ".pcm"));
                lock (Frames)
                    Frames[tag] = [];
            }
            else if (json.RootElement.GetProperty("type").GetString() == "end")
            {
                file!.Dispose();
                lock (Ended)
                    Ended.Add(tag);
            }
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }
}
