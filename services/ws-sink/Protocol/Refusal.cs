using System.Net.WebSockets;

namespace CallMirror.WsSink.Protocol;

/// <summary>Every reason for which a connection is turned away or closed by the sink.</summary>
internal enum Refusal
{
    None,
    BinaryBeforeStart,
    StartExpected,
    SecondStart,
    ContinueAfterAudio,
    DataAfterEnd,
    InvalidJson,
    WrongField,
    HalfSample,
    UnsupportedAudio,
    UnsafeTag,
    StreamInUse,
    ResumeMismatch,
    TooManyTakes,
    HoleTooLong,
    MessageTooBig,
    TextTooBig,
    StartTimeout,
    IdleTimeout,
    NoClose,
    Superseded,
    Stopping,
    StorageFailed,
    DiskFull,

    // Turned away before the upgrade, with an HTTP status.
    TooManyConnections,
    BrowserOrigin,
    NotWebSocket,
}

/// <summary>What the other side is told for each refusal: a close status, and a reason made of a fixed word and a sentence.</summary>
internal static class Refusals
{
    // Of the registry of RFC 6455 §11.7; the enum of .NET ends before it.
    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    public static WebSocketCloseStatus Status(this Refusal refusal) => refusal switch
    {
        Refusal.None => WebSocketCloseStatus.NormalClosure,
        Refusal.BinaryBeforeStart or Refusal.StartExpected or Refusal.SecondStart or Refusal.ContinueAfterAudio
            or Refusal.DataAfterEnd or Refusal.NoClose => WebSocketCloseStatus.ProtocolError,
        Refusal.InvalidJson or Refusal.WrongField or Refusal.HalfSample => WebSocketCloseStatus.InvalidPayloadData,
        Refusal.UnsupportedAudio => WebSocketCloseStatus.InvalidMessageType,
        Refusal.MessageTooBig or Refusal.TextTooBig => WebSocketCloseStatus.MessageTooBig,
        Refusal.Stopping => WebSocketCloseStatus.EndpointUnavailable,
        Refusal.StorageFailed => WebSocketCloseStatus.InternalServerError,
        Refusal.DiskFull or Refusal.StreamInUse or Refusal.StartTimeout or Refusal.IdleTimeout => TryAgainLater,
        _ => WebSocketCloseStatus.PolicyViolation,
    };

    /// <summary>The fixed word: the beginning of the close reason and the metric's tag.</summary>
    public static string Word(this Refusal refusal) => refusal switch
    {
        Refusal.None => "done",
        Refusal.BinaryBeforeStart => "binary-before-start",
        Refusal.StartExpected => "start-expected",
        Refusal.SecondStart => "second-start",
        Refusal.ContinueAfterAudio => "continue-after-audio",
        Refusal.DataAfterEnd => "data-after-end",
        Refusal.InvalidJson => "invalid-json",
        Refusal.WrongField => "wrong-field",
        Refusal.HalfSample => "half-sample",
        Refusal.UnsupportedAudio => "unsupported-audio",
        Refusal.UnsafeTag => "unsafe-tag",
        Refusal.StreamInUse => "stream-in-use",
        Refusal.ResumeMismatch => "resume-mismatch",
        Refusal.TooManyTakes => "too-many-takes",
        Refusal.HoleTooLong => "hole-too-long",
        Refusal.MessageTooBig => "message-too-big",
        Refusal.TextTooBig => "text-too-big",
        Refusal.StartTimeout => "start-timeout",
        Refusal.IdleTimeout => "idle-timeout",
        Refusal.NoClose => "no-close",
        Refusal.Superseded => "superseded",
        Refusal.Stopping => "stopping",
        Refusal.StorageFailed => "storage-failed",
        Refusal.DiskFull => "disk-full",
        Refusal.TooManyConnections => "too-many-connections",
        Refusal.BrowserOrigin => "browser-origin",
        Refusal.NotWebSocket => "not-websocket",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "A refusal without a word."),
    };

    /// <summary>The whole reason; below the 123 bytes that a close frame has room for.</summary>
    public static string Reason(this Refusal refusal) => refusal == Refusal.None ? "" : $"{refusal.Word()}: {Sentence(refusal)}";

    private static string Sentence(Refusal refusal) => refusal switch
    {
        Refusal.BinaryBeforeStart => "audio came before the start text",
        Refusal.StartExpected => "the first text must have type start, or call_id and tag",
        Refusal.SecondStart => "a connection carries one stream and one start",
        Refusal.ContinueAfterAudio => "continue must come before the first audio",
        Refusal.DataAfterEnd => "nothing but a close may follow end",
        Refusal.InvalidJson => "a text must be one JSON object in UTF-8",
        Refusal.WrongField => "a field is missing, too long, out of range or of the wrong type",
        Refusal.HalfSample => "the audio ended in the middle of a 16-bit sample",
        Refusal.UnsupportedAudio => "only L16, one channel, 8000 to 48000 Hz",
        Refusal.UnsafeTag => "tag must be safe as a file name; where it ends in -0 or -1, that is its role",
        Refusal.StreamInUse => "another connection is sending this stream",
        Refusal.ResumeMismatch => "call, role or sample rate differ from what is stored under this tag",
        Refusal.TooManyTakes => "this stream has been stored too often; empty the folder or take another",
        Refusal.HoleTooLong => "the audio goes on too far beyond what is stored",
        Refusal.MessageTooBig => "send audio in smaller messages, 640 bytes each",
        Refusal.TextTooBig => "a text may have 64000 bytes",
        Refusal.StartTimeout => "no start came in time",
        Refusal.IdleTimeout => "nothing came for too long",
        Refusal.NoClose => "end was not followed by a close",
        Refusal.Superseded => "another connection goes on with this stream",
        Refusal.Stopping => "the listener is stopping; resume when it is back",
        Refusal.StorageFailed => "the audio could not be written; see the listener's log",
        Refusal.DiskFull => "what came is kept as far as it was acknowledged; try again when there is room",
        Refusal.TooManyConnections => "try again when another has ended",
        Refusal.BrowserOrigin => "web pages may not send audio here",
        Refusal.NotWebSocket => "this port speaks WebSocket; the page is on another port",
        _ => "",
    };
}
