using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace CallMirror.AllInOne.Load;

/// <summary>The opening handshake of a server (RFC 6455 §4.2).</summary>
internal static class ServerHandshake
{
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const string KeyHeader = "Sec-WebSocket-Key:";

    /// <summary>Reads the request and answers it; returns the bytes that had come behind it, now at the buffer's beginning.</summary>
    /// <exception cref="InvalidDataException">It is no request for a WebSocket.</exception>
    public static async Task<int> AnswerAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        int filled = 0;
        int end;
        while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            int read = filled < buffer.Length ? await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken) : 0;
            if (read == 0)
                throw new InvalidDataException("no request");
            filled += read;
        }

        await socket.SendAsync(Response(Encoding.ASCII.GetString(buffer, 0, end)), cancellationToken);
        int rest = filled - (end + 4);
        buffer.AsSpan(end + 4, rest).CopyTo(buffer);
        return rest;
    }

    internal static byte[] Response(string request)
    {
        string key = request.Split("\r\n").FirstOrDefault(line => line.StartsWith(KeyHeader, StringComparison.OrdinalIgnoreCase))?[KeyHeader.Length..].Trim()
            ?? throw new InvalidDataException("no WebSocket");
#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; nothing is kept safe by it.
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350
        return Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n");
    }
}
