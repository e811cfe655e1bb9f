using System.Net.WebSockets;
using System.Text;

namespace CallMirror.EndToEnd.Tests.Consumers;

/// <summary>The plain listener of docs/listeners.md, as it stands there: it survives what it can't read, and a second run.</summary>
public sealed class PlainListenerTests
{
    private static readonly byte[] Audio = [.. Enumerable.Range(0, 6400).Select(i => (byte)(i * 7))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_survives_a_second_run_an_unsafe_tag_and_a_text_that_is_no_json()
    {
        using var folder = new TemporaryFolder();
        using var reserved = new ReservedPort();
        int port = reserved.Number;
        string inFolder = $"import os\nos.chdir('{folder.Path}')\n";
        await File.WriteAllTextAsync(folder["listener.py"], inFolder + Block("python").Replace("8765", $"{port}", StringComparison.Ordinal), Cancel);
        reserved.Dispose();
        using var listener = ForeignProcess.Python(folder["listener.py"]);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await SendAsync(port, """{"type":"start","tag":"a-0"}""", isComplete: true));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await SendAsync(port, """{"type":"start","tag":"../a-0"}"""));
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await SendAsync(port, "hello"));
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await SendAsync(port, "[]"));
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await SendAsync(port, """{"type":"something"}"""));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await SendAsync(port, """{"type":"start","tag":"a-0"}""", isComplete: true));

        Assert.Equal(["a-0.2.pcm", "a-0.pcm"], Directory.GetFiles(folder.Path, "*.pcm").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Audio, await File.ReadAllBytesAsync(folder["a-0.pcm"], Cancel));
        Assert.Equal(Audio, await File.ReadAllBytesAsync(folder["a-0.2.pcm"], Cancel));
    }

    // The code below the heading.
    private static string Block(string language)
    {
        string text = File.ReadAllText(Path.Combine(TestData.Root, "docs", "listeners.md"));
        string begin = $"```{language}\n";
        int from = text.IndexOf(begin, text.IndexOf("## A plain listener", StringComparison.Ordinal), StringComparison.Ordinal) + begin.Length;
        return text[from..text.IndexOf("```", from, StringComparison.Ordinal)];
    }

    private static async Task<WebSocketCloseStatus?> SendAsync(int port, string start, bool isComplete = false)
    {
        using var socket = await ConnectAsync(port);
        await socket.SendAsync(Encoding.UTF8.GetBytes(start), WebSocketMessageType.Text, endOfMessage: true, Cancel);
        await socket.SendAsync(Audio, WebSocketMessageType.Binary, endOfMessage: true, Cancel);
        if (isComplete)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        while ((await socket.ReceiveAsync(new byte[256].AsMemory(), Cancel)).MessageType != WebSocketMessageType.Close)
        {
            // It says nothing.
        }

        return socket.CloseStatus;
    }

    private static async Task<ClientWebSocket> ConnectAsync(int port)
    {
        ClientWebSocket? connected = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                var socket = new ClientWebSocket();
                try
                {
                    await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/"), Cancel);
                    connected = socket;
                    return true;
                }
                catch (WebSocketException)
                {
                    socket.Dispose();
                    return false;
                }
            },
            "it listens");
        return connected!;
    }
}
