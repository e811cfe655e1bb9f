using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>Exceptions by which the client says that a channel or its connection is no more.</summary>
internal static class Broken
{
    private const ushort NotFound = 404;

    public static bool Is(Exception exception) =>
        exception is RabbitMQClientException or IOException or OperationCanceledException or ObjectDisposedException or TimeoutException;

    /// <summary>The queue does not exist.</summary>
    public static bool IsMissing(Exception exception) => exception is OperationInterruptedException { ShutdownReason.ReplyCode: NotFound };
}
