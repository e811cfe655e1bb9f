using System.Text;

namespace CallMirror.Capture.Synthetic;

/// <summary>The SIP and the addresses of made-up calls: many phones call one PBX.</summary>
internal static class LoadSip
{
    private const int Net = 10;
    private const int SipPort = 5060;
    private const int FirstMediaPort = 16_384;
    private const int PhonesInNetwork = 250;

    /// <summary>Where the caller's media comes from.</summary>
    public static LoadAddress CallerMedia(int call) => Phone(call).At(FirstMediaPort + (2 * (call % 1000)));

    /// <summary>Where the callee's media comes from.</summary>
    public static LoadAddress CalleeMedia(int call) => Pbx.At(FirstMediaPort + (2 * call));

    /// <summary>The caller's own address.</summary>
    public static LoadAddress Phone(int call) => Address(1, call / PhonesInNetwork, 1 + (call % PhonesInNetwork));

    /// <summary>The one it calls.</summary>
    public static LoadAddress Pbx { get; } = Address(2, 0, 1);

    /// <summary>Writes the message of a step of the call's setup or end; returns its length.</summary>
    /// <param name="call">The call.</param>
    /// <param name="step">0 INVITE, 1 100, 2 180, 3 200, 4 ACK, 5 BYE, 6 its 200.</param>
    /// <param name="destination">Room for it.</param>
    public static int Write(int call, int step, Span<byte> destination) => Encoding.ASCII.GetBytes(
        step switch
        {
            0 => Message(call, Request("INVITE", call), "1 INVITE", toTag: false, Sdp(CallerMedia(call))),
            1 => Message(call, "SIP/2.0 100 Trying", "1 INVITE", toTag: false),
            2 => Message(call, "SIP/2.0 180 Ringing", "1 INVITE", toTag: true),
            3 => Message(call, "SIP/2.0 200 OK", "1 INVITE", toTag: true, Sdp(CalleeMedia(call))),
            4 => Message(call, Request("ACK", call), "1 ACK", toTag: true),
            5 => Message(call, Request("BYE", call), "2 BYE", toTag: true),
            _ => Message(call, "SIP/2.0 200 OK", "2 BYE", toTag: true),
        },
        destination);

    /// <summary>Whether a step is the caller's.</summary>
    public static bool IsOfCaller(int step) => step is 0 or 4 or 5;

    private static LoadAddress Address(int network, int high, int low) => new(((uint)Net << 24) | ((uint)network << 16) | ((uint)high << 8) | (uint)low, SipPort);

    private static string Request(string method, int call) => $"{method} sip:2{call:D5}@{Pbx.Host} SIP/2.0";

    private static string Sdp(LoadAddress media) =>
        $"v=0\r\no=- 1 1 IN IP4 {media.Host}\r\ns=-\r\nc=IN IP4 {media.Host}\r\nt=0 0\r\n"
        + $"m=audio {media.Port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n";

    private static string Message(int call, string startLine, string sequence, bool toTag, string sdp = "") =>
        $"{startLine}\r\nVia: SIP/2.0/UDP {Phone(call)};branch=z9hG4bK-{call}-{sequence.Replace(' ', '-')}\r\nMax-Forwards: 70\r\n"
        + $"From: <sip:1{call:D5}@callmirror>;tag=f{call}\r\nTo: <sip:2{call:D5}@callmirror>{(toTag ? $";tag=t{call}" : "")}\r\n"
        + $"Call-ID: {LoadCall.IdOf(call)}\r\nCSeq: {sequence}\r\n{(sdp.Length > 0 ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {sdp.Length}\r\n\r\n{sdp}";
}
