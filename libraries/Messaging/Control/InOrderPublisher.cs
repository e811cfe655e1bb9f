using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>
/// Publishes many messages in their order without waiting for each one's confirm. Not for several threads at once. In memory a publish costs
/// nothing, and each is waited for.
/// </summary>
public sealed class InOrderPublisher(IBus bus, TimeProvider time, ControlPlaneState? broker = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // MassTransit declares an exchange before its first message on each connection, which other messages would overtake meanwhile.
    private readonly HashSet<Type> _declared = [];

    /// <summary>
    /// Completes when the broker has confirmed all of them, over as many connections as that takes. Where one ends in between, the rest is published again:
    /// a message may come twice, but it comes, and none comes before those that it follows have come once.
    /// </summary>
    public async Task PublishAsync(IReadOnlyList<ControlMessage> messages, CancellationToken cancellationToken)
    {
        int confirmed = 0;
        while (confirmed < messages.Count)
        {
            await PublishAloneAsync(messages[confirmed++], cancellationToken);
            confirmed += await PublishTogetherAsync([.. messages.Skip(confirmed).TakeWhile(MayFollow)], cancellationToken);
        }
    }

    private bool MayFollow(ControlMessage message) => broker is not null && message.To is null && _declared.Contains(message.Message.GetType());

    // Where it had to wait for a connection, or to be tried again on another, no exchange is declared on that one yet.
    private async Task PublishAloneAsync(ControlMessage message, CancellationToken cancellationToken)
    {
        var departure = new Departure(isRepeatable: true);
        var published = bus.SendUntilConfirmedAsync(message, departure.Leave, time, cancellationToken);
        bool hasLeft = departure.Close();
        await published;
        if (!hasLeft || departure.Times != 1)
            _declared.Clear();
        _declared.Add(message.Message.GetType());
    }

    // How many have been confirmed before the first that has not, or could not leave at once.
    private async Task<int> PublishTogetherAsync(ControlMessage[] messages, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var publishing = new List<Task<bool>>();
        bool hasLeft = true;
        for (int next = 0; next < messages.Length && hasLeft; next++)
        {
            var departure = new Departure(isRepeatable: false);
            publishing.Add(TryPublishAsync(messages[next], departure, either.Token, cancellationToken));
            hasLeft = departure.Close();
        }

        int failed = Array.IndexOf(await Task.WhenAll(publishing), false);
        if (failed < 0)
            return publishing.Count;
        _declared.Clear();
        return failed;
    }

    private async Task<bool> TryPublishAsync(ControlMessage message, Departure departure, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            await bus.SendAsync(message, departure.Leave, either);
            return true;
        }
#pragma warning disable CA1031 // Whatever MassTransit makes of a broken connection.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <summary>
    /// Sees a message leave over a connection. One that is not alone leaves as soon as it is given to MassTransit, and once, or not at all: where it waits
    /// for a connection, or is tried again on another, those behind it would overtake it.
    /// </summary>
    private sealed class Departure(bool isRepeatable)
    {
        private readonly Lock _lock = new();
        private bool _isClosed;

        /// <summary>How often it has left.</summary>
        public int Times { get; private set; }

        public void Leave()
        {
            lock (_lock)
            {
                if (!isRepeatable && (_isClosed || Times > 0))
                    throw new InvalidOperationException("The message is published in its turn.");
                Times++;
            }
        }

        /// <summary>Whether it has left by now.</summary>
        public bool Close()
        {
            lock (_lock)
            {
                _isClosed = true;
                return Times > 0;
            }
        }
    }
}
