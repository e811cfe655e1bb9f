namespace CallMirror.Messaging.RabbitMq;

/// <summary>Hears what becomes of the messages in a <see cref="PublishWindow"/>. Called inside its lock: count, and return.</summary>
internal interface IPublishWindowLog
{
    void Confirmed(Outgoing message);

    void Republished(Outgoing message);

    void Dropped(Outgoing message, string reason);
}
