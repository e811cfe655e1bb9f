namespace CallMirror.WsGateway.Joining;

/// <summary>What is logged of those who join.</summary>
internal static partial class JoinLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Running calls can be joined at {Address}v1/calls")]
    public static partial void Listening(this ILogger logger, Uri address);

    [LoggerMessage(Level = LogLevel.Information, Message = "A listener has joined stream {Tag}")]
    public static partial void Joined(this ILogger logger, string tag);

    [LoggerMessage(Level = LogLevel.Information, Message = "A listener has left stream {Tag}: {Reason}")]
    public static partial void Left(this ILogger logger, string tag, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Call {CallId} can't be joined any more")]
    public static partial void TapFailed(this ILogger logger, Exception exception, string callId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed, because of a defect")]
    public static partial void RequestFailed(this ILogger logger, Exception exception);
}
