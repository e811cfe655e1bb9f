using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>A small PBX that takes every call, with a media port for each, and plays the media of both sides: that of all phones from one address.</summary>
internal sealed class SipAnswerer : IAsyncDisposable
{
    public const int SipPort = 5060;
    public const int PhonesMediaPort = 30_000;
    private const int FirstMediaPort = 40_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly Socket _sip;
    private readonly Socket _phone;
    private readonly Socket[] _media;
    private readonly IPEndPoint _phoneAddress = new(IPAddress.Parse(SippNetwork.PhonesAddress), PhonesMediaPort);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, AnsweredCall> _calls = [];
    private readonly Task _running;

    private SipAnswerer(Socket sip, Socket phone, Socket[] media)
    {
        (_sip, _phone, _media) = (sip, phone, media);
        _running = Task.WhenAll(Task.Run(AnswerAsync), Task.Run(TalkAsync));
    }

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<AnsweredCall> Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls.Values];
        }
    }

    public static async Task<SipAnswerer> StartAsync(SippNetwork network, int calls)
    {
        var sip = await network.Pbx.OpenAsync(() => Open(SippNetwork.PbxAddress, SipPort));
        var media = await network.Pbx.OpenAsync(() => Enumerable.Range(0, calls).Select(i => Open(SippNetwork.PbxAddress, FirstMediaPort + (2 * i))).ToArray());
        return new SipAnswerer(sip, await network.Phones.OpenAsync(() => Open(SippNetwork.PhonesAddress, PhonesMediaPort)), media);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        foreach (var socket in (Socket[])[_sip, _phone, .. _media])
            socket.Dispose();
        _stopping.Dispose();
    }

    private static Socket Open(string address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return socket;
    }

    private async Task AnswerAsync()
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (true)
            {
                var received = await _sip.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopping.Token);
                Answer(Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes), received.RemoteEndPoint);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It is over.
        }
    }

    private void Answer(string request, EndPoint from)
    {
        string callId = Header(request, "Call-ID");
        AnsweredCall? call;
        lock (_calls)
        {
            if (!_calls.TryGetValue(callId, out call))
                _calls[callId] = call = new AnsweredCall(callId, _calls.Count, _phone, _phoneAddress, _media[_calls.Count]);
        }

        switch (request.Split(' ')[0])
        {
            case "INVITE":
                Reply(request, from, "100 Trying", "");
                Reply(request, from, "180 Ringing", "");
                Reply(request, from, "200 OK", Sdp(call.PbxPort));
                call.Begin(role: 1);
                call.SendDue();
                break;
            case "ACK":
                call.Begin(role: 0);
                break;
            case "BYE":
                call.IsOver = true;
                Reply(request, from, "200 OK", "");
                break;
        }
    }

    private async Task TalkAsync()
    {
        using var timer = new PeriodicTimer(Tick);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (var call in Calls)
                    call.SendDue();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It is over.
        }
    }

    private void Reply(string request, EndPoint to, string status, string sdp)
    {
        string tag = status.StartsWith("100", StringComparison.Ordinal) || Header(request, "To").Contains("tag=", StringComparison.Ordinal) ? "" : ";tag=pbx";
        string text = $"SIP/2.0 {status}\r\nVia: {Header(request, "Via")}\r\nFrom: {Header(request, "From")}\r\nTo: {Header(request, "To")}{tag}\r\n"
            + $"Call-ID: {Header(request, "Call-ID")}\r\nCSeq: {Header(request, "CSeq")}\r\nContact: <sip:pbx@{SippNetwork.PbxAddress}>\r\n"
            + (sdp.Length > 0 ? "Content-Type: application/sdp\r\n" : "") + $"Content-Length: {sdp.Length}\r\n\r\n{sdp}";
        _sip.SendTo(Encoding.ASCII.GetBytes(text), to);
    }

    private static string Sdp(int port) =>
        $"v=0\r\no=- 1 1 IN IP4 {SippNetwork.PbxAddress}\r\ns=-\r\nc=IN IP4 {SippNetwork.PbxAddress}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";

    private static string Header(string message, string name) =>
        message.Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();
}
