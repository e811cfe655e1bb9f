using System.Text.Json.Serialization;

namespace CallMirror.Contracts.Calls;

/// <summary>Why a call or a stream ended. In JSON: <c>bye</c>, <c>cancelled</c>, <c>failed</c>, <c>timeout</c>, <c>media-timeout</c>, <c>end-of-capture</c>, <c>stopped</c>, <c>replaced</c>.</summary>
[JsonConverter(typeof(EndReasonJsonConverter))]
public enum EndReason : byte
{
    /// <summary>BYE (RFC 3261 §15).</summary>
    Bye = 1,

    /// <summary>CANCEL before an answer, 487 (RFC 3261 §9).</summary>
    Cancelled = 2,

    /// <summary>The INVITE failed with a final 3xx to 6xx.</summary>
    Failed = 3,

    /// <summary>SIP went silent: no final response, or a session timer ran out.</summary>
    Timeout = 4,

    /// <summary>RTP went silent for too long.</summary>
    MediaTimeout = 5,

    /// <summary>The capture file ended while the call was up.</summary>
    EndOfCapture = 6,

    /// <summary>Capture was stopped while the call was up.</summary>
    Stopped = 7,

    /// <summary>The call was known by its media alone (<see cref="MediaNegotiated.IsFound"/>), and SIP has now told which call that media belongs to.</summary>
    Replaced = 8,
}

/// <summary>The words for <see cref="EndReason"/> in JSON.</summary>
public static class EndReasons
{
    private static readonly (EndReason Reason, string Word)[] Words =
    [
        (EndReason.Bye, "bye"),
        (EndReason.Cancelled, "cancelled"),
        (EndReason.Failed, "failed"),
        (EndReason.Timeout, "timeout"),
        (EndReason.MediaTimeout, "media-timeout"),
        (EndReason.EndOfCapture, "end-of-capture"),
        (EndReason.Stopped, "stopped"),
        (EndReason.Replaced, "replaced"),
    ];

    /// <summary>The word, or <c>unknown</c> for a value of a later version.</summary>
    public static string Word(EndReason reason)
    {
        foreach (var pair in Words)
            if (pair.Reason == reason)
                return pair.Word;
        return "unknown";
    }

    /// <summary>The reason of a word.</summary>
    public static bool TryParse(string? word, out EndReason reason)
    {
        foreach (var pair in Words)
        {
            if (pair.Word != word)
                continue;
            reason = pair.Reason;
            return true;
        }

        reason = default;
        return false;
    }
}
