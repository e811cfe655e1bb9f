using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway;

/// <summary>What a gateway logs.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Stream {Tag} ended ({Reason}): {Samples} samples in {Frames} frames, {Reconnects} reconnects, {Gaps} gaps, {Duplicates} samples twice, "
            + "{Lost} samples lost, {Seconds:0.0} s")]
    public static partial void StreamEnded(
        this ILogger logger, string tag, string reason, long samples, long frames, int reconnects, long gaps, long duplicates, long lost, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Tag} has no listener: {Reason}")]
    public static partial void ListenerLost(this ILogger logger, string tag, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Tag} has no listener: {Reason}; so it was {Times} more times, of all streams, since that was said last")]
    public static partial void ListenerLostAgain(this ILogger logger, string tag, string reason, long times);

    [LoggerMessage(Level = LogLevel.Information, Message = "The listener wants no more of stream {Tag}")]
    public static partial void StreamStopped(this ILogger logger, string tag);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stream {Tag} goes on at position {Position}")]
    public static partial void StreamResumed(this ILogger logger, string tag, long position);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stream {Tag} was given up: {Reason}")]
    public static partial void StreamFailed(this ILogger logger, string tag, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {CallId}: a message in its lane was rejected: {Reason}")]
    public static partial void ChunkRejected(this ILogger logger, string callId, ChunkError reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {CallId} is not followed: {MaxCalls} calls are followed already")]
    public static partial void CallRefused(this ILogger logger, string callId, int maxCalls);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {CallId} is not followed: {Reason}")]
    public static partial void LaneMissing(this ILogger logger, string callId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Call {CallId} is no longer followed, because of a defect")]
    public static partial void CallBroken(this ILogger logger, Exception exception, string callId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Gateway {Group} stopped with calls that could not be left in time")]
    public static partial void StopTimedOut(this ILogger logger, string group);
}
