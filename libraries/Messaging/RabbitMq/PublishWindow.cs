using System.Diagnostics.CodeAnalysis;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>
/// The messages that the broker has not confirmed: those sent on the channel of now, by their number on it, then those still to be sent, in the
/// order in which they came. Bounded in messages and bytes; it knows nothing of connections.
/// </summary>
internal sealed class PublishWindow(int maxMessages, long maxBytes, bool dropOldest, IPublishWindowLog log)
{
    private const int MaxRefusals = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Outgoing> _sent = [];
    private readonly Signal _space = new();
    private readonly Signal _toSend = new();
    private readonly Signal _empty = new();
    private Queue<Outgoing> _unsent = [];
    private ulong _firstSent = 1;
    private ulong _nextToSend = 1;
    private int _epoch;
    private long _bytes;

    /// <summary>Messages in it.</summary>
    public int Count => Size.Messages;

    /// <summary>Messages in it, and their bytes.</summary>
    public (int Messages, long Bytes) Size
    {
        get
        {
            lock (_lock)
                return (CountNow, _bytes);
        }
    }

    /// <summary>When the oldest message was sent that is not confirmed; null where there is none.</summary>
    public long? OldestSentAt
    {
        get
        {
            lock (_lock)
                return _sent.TryGetValue(_firstSent, out var oldest) ? oldest.SentAt : null;
        }
    }

    private int CountNow => _sent.Count + _unsent.Count;

    /// <summary>Takes a message in, or says when to try again.</summary>
    public bool TryAdd(Outgoing message, [NotNullWhen(false)] out Task? space)
    {
        lock (_lock)
        {
            space = null;
            // One that is larger than all the window goes alone.
            bool fits = CountNow == 0 || (CountNow < maxMessages && _bytes + message.Bytes <= maxBytes);
            if (!fits && !dropOldest)
            {
                space = _space.Wait();
                return false;
            }

            _unsent.Enqueue(message);
            _bytes += message.Bytes;
            while ((CountNow > maxMessages || _bytes > maxBytes) && CountNow > 1 && _unsent.TryDequeue(out var oldest))
                Drop(oldest, "window-full");
            _toSend.Set();
            return true;
        }
    }

    /// <summary>A new channel: what was sent on the last one is to be sent again, first. Returns the channel's epoch.</summary>
    public int Restart()
    {
        lock (_lock)
        {
            foreach (var again in Unconfirmed())
                log.Republished(again);
            _unsent = new Queue<Outgoing>([.. Unconfirmed(), .. _unsent]);
            _sent.Clear();
            (_firstSent, _nextToSend) = (1, 1);
            _toSend.Set();
            return ++_epoch;
        }
    }

    /// <summary>The next message to send on the channel of an epoch, or when to ask again.</summary>
    public bool TryTake(int epoch, long now, [NotNullWhen(true)] out Outgoing? message, [NotNullWhen(false)] out Task? more)
    {
        lock (_lock)
        {
            (message, more) = (null, null);
            if (epoch != _epoch || !_unsent.TryDequeue(out message))
            {
                more = _toSend.Wait();
                return false;
            }

            message.SentAt = now;
            _sent.Add(_nextToSend++, message);
            return true;
        }
    }

    /// <summary>The broker has one message, or all up to it. What a channel of the past says counts for nothing.</summary>
    public void Confirm(int epoch, ulong number, bool multiple) => Answered(epoch, number, multiple, message =>
    {
        log.Confirmed(message);
        Settle(message);
    });

    /// <summary>The broker could not take a message, or all up to it: they are sent again, a few times.</summary>
    public void Refuse(int epoch, ulong number, bool multiple)
    {
        lock (_lock)
        {
            List<Outgoing> again = [];
            Answered(epoch, number, multiple, message =>
            {
                if (++message.Refusals < MaxRefusals)
                    again.Add(message);
                else
                    Drop(message, "refused-by-broker");
            });
            if (again.Count == 0)
                return;
            _unsent = new Queue<Outgoing>([.. again, .. _unsent]);
            _toSend.Set();
        }
    }

    /// <summary>Completes when nothing is left that is not confirmed.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
            return CountNow == 0 ? Task.CompletedTask : _empty.Wait();
    }

    /// <summary>Gives up all that is in it.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            foreach (var message in Unconfirmed().Concat(_unsent))
            {
                log.Dropped(message, "not-confirmed-at-stop");
                message.Abandon();
            }

            _sent.Clear();
            _unsent.Clear();
            _bytes = 0;
        }
    }

    private IEnumerable<Outgoing> Unconfirmed()
    {
        for (ulong number = _firstSent; number < _nextToSend; number++)
            if (_sent.TryGetValue(number, out var message))
                yield return message;
    }

    private void Answered(int epoch, ulong number, bool multiple, Action<Outgoing> handle)
    {
        lock (_lock)
        {
            if (epoch != _epoch || number >= _nextToSend)
                return;
            for (ulong one = multiple ? _firstSent : number; one <= number; one++)
                if (_sent.Remove(one, out var message))
                    handle(message);
            while (_firstSent < _nextToSend && !_sent.ContainsKey(_firstSent))
                _firstSent++;
        }
    }

    private void Drop(Outgoing message, string reason)
    {
        log.Dropped(message, reason);
        Settle(message);
    }

    private void Settle(Outgoing message)
    {
        _bytes -= message.Bytes;
        message.Settle();
        _space.Set();
        if (CountNow == 0)
            _empty.Set();
    }
}
