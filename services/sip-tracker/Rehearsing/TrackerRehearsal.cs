using System.Text;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Rehearsing;
using MassTransit;

namespace CallMirror.SipTracker.Rehearsing;

/// <summary>Plays made-up calls through sip-tracker, with a state file of their own.</summary>
internal static class TrackerRehearsal
{
    private const int Calls = 8;
    private const string Caller = "192.0.2.1";
    private const string Callee = "192.0.2.2";

    private static readonly (bool IsOfCaller, string StartLine, string Sequence, bool HasSdp)[] Script =
    [
        (true, $"INVITE sip:b@{Callee} SIP/2.0", "1 INVITE", true),
        (false, "SIP/2.0 100 Trying", "1 INVITE", false),
        (false, "SIP/2.0 180 Ringing", "1 INVITE", false),
        (false, "SIP/2.0 200 OK", "1 INVITE", true),
        (true, $"ACK sip:b@{Callee} SIP/2.0", "1 ACK", false),
        (true, $"BYE sip:b@{Callee} SIP/2.0", "2 BYE", false),
        (false, "SIP/2.0 200 OK", "2 BYE", false),
    ];

    public static async Task PlayAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("callmirror-rehearsal-");
        try
        {
            await Rehearsal.PlayAsync(services => Add(services, Path.Combine(folder.FullName, "calls.db")), PlayAsync, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Add(IServiceCollection services, string statePath)
    {
        services.AddSingleton(new RehearsedCapture(Calls * Script.Length));
        services.AddSipTracker(options => options.StatePath = statePath);
        services.AddControlEndpoint(new ControlEndpoint("rehearsal", [typeof(RehearsedCaptureConsumer)], Temporary: true));
        services.AddInMemoryControlPlane();
    }

    private static async Task PlayAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var bus = services.GetRequiredService<IBus>();
        var now = TimeProvider.System.GetUtcNow();
        for (int call = 0; call < Calls; call++)
            for (int step = 0; step < Script.Length; step++)
                await bus.Publish(Message(call, step, now.AddMilliseconds(step)), cancellationToken);
        await services.GetRequiredService<RehearsedCapture>().AllAnswered.WaitAsync(cancellationToken);
    }

    private static SipMessageCaptured Message(int call, int step, DateTimeOffset at)
    {
        var (isOfCaller, startLine, sequence, hasSdp) = Script[step];
        var (source, destination) = isOfCaller ? (Caller, Callee) : (Callee, Caller);
        string sdp = hasSdp
            ? $"v=0\r\no=- 1 1 IN IP4 {source}\r\ns=-\r\nc=IN IP4 {source}\r\nt=0 0\r\nm=audio {4000 + (2 * call)} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
            : "";
        string text = $"{startLine}\r\nVia: SIP/2.0/UDP {Caller};branch=z9hG4bK-{call}-{sequence.Replace(' ', '-')}\r\nFrom: <sip:a@{Caller}>;tag=a{call}\r\n"
            + $"To: <sip:b@{Callee}>{(step < 2 ? "" : $";tag=b{call}")}\r\nCall-ID: {Id(call)}\r\nCSeq: {sequence}\r\n"
            + $"{(hasSdp ? "Content-Type: application/sdp\r\n" : "")}Content-Length: {sdp.Length}\r\n\r\n{sdp}";
        return new SipMessageCaptured
        {
            CaptureId = "rehearsal",
            Sequence = (call * Script.Length) + step + 1,
            CallId = Id(call),
            CapturedAt = at,
            Source = $"{source}:5060",
            Destination = $"{destination}:5060",
            Transport = "udp",
            Payload = Encoding.ASCII.GetBytes(text),
            AnswerRequested = true,
        };
    }

    private static string Id(int call) => $"rehearsal-{call}";
}
