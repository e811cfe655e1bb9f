using System.Net.Sockets;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.Broker;

/// <summary>Why there is no connection, as a person needs it.</summary>
/// <param name="Sentence">One sentence, without a password.</param>
/// <param name="NeedsSomebody">It stays so until somebody changes a setting here or at the broker, so there is no hurry to try again.</param>
internal sealed record BrokerProblem(string Sentence, bool NeedsSomebody)
{
    private const ushort AccessRefused = 403;
    private const ushort PreconditionFailed = 406;
    private const ushort CommandInvalid = 503;
    private const ushort NotAllowed = 530;

    public static BrokerProblem Of(Exception exception, Uri broker)
    {
        string place = Place(broker);
        var causes = Causes(exception).ToList();
        if (causes.Any(cause => cause is AuthenticationFailureException or PossibleAuthenticationFailureException))
            return new($"{place} refuses the user {User(broker)}: user or password of CallMirror:Broker:Uri is wrong", NeedsSomebody: true);
        if (causes.OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason is { } reason)
            return Of(reason, broker);
        string why = causes.OfType<SocketException>().FirstOrDefault()?.Message ?? causes[^1].Message;
        return new($"{place} can't be reached: {why.TrimEnd('.')}", NeedsSomebody: false);
    }

    public static BrokerProblem Of(ShutdownEventArgs reason, Uri broker)
    {
        string text = reason.ReplyText.TrimEnd('.');
        return reason.ReplyCode switch
        {
            NotAllowed or AccessRefused => new($"{Place(broker)} does not let the user {User(broker)} in: {text}", NeedsSomebody: true),
            PreconditionFailed => new($"{Place(broker)} has a queue or exchange of other settings than ours; delete it or restore the settings: {text}", NeedsSomebody: true),
            CommandInvalid => new($"{Place(broker)} lacks a plugin (Shards above 1 needs rabbitmq_consistent_hash_exchange): {text}", NeedsSomebody: true),
            _ => new($"{Place(broker)} closed the connection: {text}", NeedsSomebody: false),
        };
    }

    public static string Place(Uri broker) => $"RabbitMQ at {broker.Host}:{(broker.Port > 0 ? broker.Port : 5672)}";

    private static string User(Uri broker) => broker.UserInfo.Length == 0 ? "guest" : Uri.UnescapeDataString(broker.UserInfo.Split(':')[0]);

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        yield return exception;
        IEnumerable<Exception> inner = exception is AggregateException several ? several.InnerExceptions : exception.InnerException is { } one ? [one] : [];
        foreach (var cause in inner.SelectMany(Causes))
            yield return cause;
    }
}
