using System.Text;
using System.Text.Json;
using CallMirror.Contracts;
using CallMirror.WsSink;

namespace CallMirror.AllInOne.Load;

/// <summary>The listener's side of one connection, without its socket: bytes of the gateway go in, replies come out. It acknowledges as ws-sink does.</summary>
internal sealed class LoadConversation(LoadTally tally)
{
    private const byte Final = 0x80;

    // Longest text and longest control frame have lengths of one byte.
    private readonly List<byte> _reply = [];
    private MeasuredStream? _stream;
    private long _position;
    private long _acked;

    /// <summary>The closing handshake is done, once the reply has been sent.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What is to be sent now.</summary>
    public byte[] Reply { get; private set; } = [];

    /// <summary>Takes all whole frames; returns how many bytes they were.</summary>
    public int Take(Span<byte> data, long nowNs)
    {
        _reply.Clear();
        int used = 0;
        while (!IsOver && ClientFrame.TryRead(data[used..], out var frame, out int length))
        {
            used += length;
            Take(frame, nowNs);
        }

        // Behind all that came together, as ws-sink does: in the middle of a window, the rest of it would wait for the next.
        if (_position - _acked >= MeasuredStream.SampleRate / SinkOptions.AcksPerSecond)
            Acknowledge(_position);
        Reply = _reply.Count > 0 ? [.. _reply] : [];
        return used;
    }

    private void Take(in ClientFrame frame, long nowNs)
    {
        switch (frame.Kind)
        {
            case ClientFrameKind.Binary:
                TakeAudio(frame.Payload, nowNs);
                break;
            case ClientFrameKind.Text:
                TakeText(frame.Payload);
                break;
            case ClientFrameKind.Ping:
                Send(ClientFrameKind.Pong, frame.Payload);
                break;
            case ClientFrameKind.Close:
                Send(ClientFrameKind.Close, frame.Payload);
                IsOver = true;
                break;
        }
    }

    private void TakeAudio(ReadOnlySpan<byte> audio, long nowNs)
    {
        _stream?.Take(_position, audio, nowNs);
        _position += audio.Length / sizeof(short);
    }

    private void TakeText(ReadOnlySpan<byte> utf8)
    {
        using var json = JsonDocument.Parse(utf8.ToArray());
        var text = json.RootElement;
        switch (text.GetProperty("type").GetString())
        {
            case "start":
                Begin(text);
                break;
            case "continue":
                _position = text.GetProperty("position").GetInt64();
                break;
            case "end":
                _stream?.Finish();
                Acknowledge(_position);
                break;
        }
    }

    private void Begin(JsonElement start)
    {
        _position = start.GetProperty("position").GetInt64();
        _stream = tally.Find(start.GetProperty("call_id").GetString() ?? "", start.GetProperty("role").GetInt32());
        Acknowledge(_stream?.Begin(_position, CaptureTime.ToNanoseconds(start.GetProperty("started_at").GetDateTimeOffset())) ?? _position);
    }

    private void Acknowledge(long position)
    {
        _acked = position;
        Send(ClientFrameKind.Text, Encoding.ASCII.GetBytes($$"""{"type":"ack","position":{{position}}}"""));
    }

    // A server's frames are not masked (RFC 6455 §5.1).
    private void Send(ClientFrameKind kind, ReadOnlySpan<byte> payload)
    {
        _reply.Add((byte)(Final | (byte)kind));
        _reply.Add((byte)payload.Length);
        _reply.AddRange(payload);
    }
}
