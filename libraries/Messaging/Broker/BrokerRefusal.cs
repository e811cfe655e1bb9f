using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.Broker;

/// <summary>Why there is no connection to the broker, in one sentence without a password.</summary>
/// <param name="Sentence">For the log and the health check.</param>
/// <param name="IsRefusal">The broker is there and does not want us: trying again at once is of no use.</param>
internal readonly record struct BrokerRefusal(string Sentence, bool IsRefusal)
{
    private const ushort NotAllowed = 530;
    private const ushort AccessRefused = 403;

    /// <summary>Finds the cause among the exceptions that the clients wrap around one another.</summary>
    public static BrokerRefusal Of(Exception exception, Uri broker)
    {
        string where = $"RabbitMQ at {broker.Host}:{(broker.Port > 0 ? broker.Port : broker.Scheme == "amqps" ? 5671 : 5672)}";
        var causes = Causes(exception).ToList();
        if (causes.Exists(cause => cause is AuthenticationFailureException or PossibleAuthenticationFailureException))
            return new($"{where} does not accept the user name or password of CallMirror:Broker:Uri", IsRefusal: true);
        if (causes.OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason is { ReplyCode: NotAllowed or AccessRefused } reason)
            return new($"{where} does not let us in: {reason.ReplyText}", IsRefusal: true);
        return new($"{where} can't be reached: {causes[^1].Message}", IsRefusal: false);
    }

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        yield return exception;
        var inner = exception is AggregateException several ? several.InnerExceptions.AsEnumerable() : exception.InnerException is { } one ? [one] : [];
        foreach (var cause in inner.SelectMany(Causes))
            yield return cause;
    }
}
