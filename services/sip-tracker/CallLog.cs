using CallMirror.Contracts.Calls;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker;

/// <summary>One line where a call starts, is answered and ends, and one warning a call where its audio can't be had.</summary>
internal sealed partial class CallLog(ILogger<CallLog> logger)
{
    private readonly HashSet<string> _encrypted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unsupported = new(StringComparer.Ordinal);

    /// <summary>An event has come to be; <paramref name="call"/> is its call as it is now, where it is known.</summary>
    public void Happened(object callEvent, CallState? call)
    {
        switch (callEvent)
        {
            case CallStarted started:
                Started(started);
                break;
            case CallAnswered { SipCallId: { } sipCallId } named:
                Log.Named(logger, named.CallId, sipCallId);
                break;
            case CallAnswered answered:
                Log.Answered(logger, answered.CallId);
                break;
            case MediaNegotiated when call is not null:
                Warn(call);
                break;
            case CallEnded ended:
                Ended(ended);
                break;
        }
    }

    public void Restored(int calls, int unreadable, string path) => Log.Restored(logger, calls, unreadable, path);

    public void NotSaved(Exception reason) => Log.NotSaved(logger, reason.Message);

    public void NoLane(string callId, Exception reason) => Log.NoLane(logger, callId, reason.Message);

    private void Started(CallStarted started)
    {
        if (started.From is null && started.To is null)
            Log.Found(logger, started.CallId, started.Source, started.Destination);
        else
            Log.Started(logger, started.CallId, started.From, started.To, started.Source, started.Destination);
    }

    private void Ended(CallEnded ended)
    {
        _encrypted.Remove(ended.CallId);
        _unsupported.Remove(ended.CallId);
        Log.Ended(logger, ended.CallId, EndReasons.Word(ended.Reason), ended.StatusCode);
    }

    // By what is agreed: an offer may still become something else, and of the formats those that the receiver has named itself.
    private void Warn(CallState call)
    {
        var agreed = AnnouncedMedia.Counting(call).SelectMany(dialog => dialog.Agreed).Where(agreed => agreed.Streams.Length > 0).ToList();
        if (agreed.Exists(hop => Array.Exists(hop.Streams, stream => stream.Encrypted)) && _encrypted.Add(call.ToldId))
            Log.Encrypted(logger, call.ToldId);
        var deaf = agreed.SelectMany(hop => hop.Streams.Select(stream => Own(hop, stream)))
            .FirstOrDefault(stream => !stream.Encrypted && !stream.Formats.Any(IsSupported));
        if (deaf is null || !_unsupported.Add(call.ToldId))
            return;
        string encodings = string.Join(", ", deaf.Formats.Select(format => format.Encoding));
        Log.Unsupported(logger, call.ToldId, call.RoleOf(deaf.Role) == 0 ? "caller" : "callee", encodings);
    }

    private static NegotiatedStream Own(Agreed hop, NegotiatedStream stream) =>
        stream with { Formats = [.. stream.Formats.Take(hop.Own[stream.Role])] };

    private static bool IsSupported(PayloadFormat format) => format is { Encoding: "PCMA" or "PCMU", ClockRate: 8000 };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Call {CallId} started: {From} calls {To} ({Source} -> {Destination})")]
        public static partial void Started(ILogger logger, string callId, string? from, string? to, string? source, string? destination);

        [LoggerMessage(9, LogLevel.Information, "Call {CallId} found by its media, its SIP was not seen ({Source} -> {Destination})")]
        public static partial void Found(ILogger logger, string callId, string? source, string? destination);

        [LoggerMessage(10, LogLevel.Information, "Call {CallId} has got its name from SIP: {SipCallId}")]
        public static partial void Named(ILogger logger, string callId, string sipCallId);

        [LoggerMessage(2, LogLevel.Information, "Call {CallId} answered")]
        public static partial void Answered(ILogger logger, string callId);

        [LoggerMessage(3, LogLevel.Information, "Call {CallId} ended: {Reason} {StatusCode}")]
        public static partial void Ended(ILogger logger, string callId, string reason, int? statusCode);

        [LoggerMessage(4, LogLevel.Warning, "Call {CallId} has encrypted media (SRTP): no audio will be pushed for it")]
        public static partial void Encrypted(ILogger logger, string callId);

        [LoggerMessage(5, LogLevel.Warning, "Call {CallId}: the {Role}'s audio uses none of PCMA and PCMU but {Encodings}: it can't be decoded yet")]
        public static partial void Unsupported(ILogger logger, string callId, string role, string encodings);

        [LoggerMessage(6, LogLevel.Information, "{Calls} calls go on from {Path}; {Unreadable} could not be read")]
        public static partial void Restored(ILogger logger, int calls, int unreadable, string path);

        [LoggerMessage(7, LogLevel.Error, "The call state could not be saved, a restart now would forget calls: {Reason}")]
        public static partial void NotSaved(ILogger logger, string reason);

        [LoggerMessage(8, LogLevel.Debug, "Call {CallId} waits for its lane, other calls go on: {Reason}")]
        public static partial void NoLane(ILogger logger, string callId, string reason);
    }
}
