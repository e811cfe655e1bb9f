using CallMirror.Contracts.Media;
using CallMirror.Messaging.Tracing;
using RabbitMQ.Client;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>A message on its way to the broker. It owns its buffer until it is settled: confirmed, or dropped.</summary>
internal sealed class Outgoing(string exchange, string key, BasicProperties properties, MediaBuffer body)
{
    // The message itself, what its owner waits with, its place in the window and in the broker's client.
    private const int BytesAround = 384;

    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Exchange => exchange;

    public string Key => key;

    public BasicProperties Properties => properties;

    public ReadOnlyMemory<byte> Body => body.Memory;

    /// <summary>Memory that it takes as long as it is not settled.</summary>
    public int Bytes { get; } = body.LentBytes + BytesAround;

    /// <summary>When it was last sent, in the clock's ticks.</summary>
    public long SentAt { get; set; }

    /// <summary>Its way to the broker, where that is traced.</summary>
    public PublishSpan? Span { get; init; }

    /// <summary>It is no call's, and counted nowhere.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>How often the broker has refused it.</summary>
    public int Refusals { get; set; }

    /// <summary>Completes when the message need not be kept any longer; is cancelled where the publisher stopped before.</summary>
    public Task Settled => _settled.Task;

    public void Settle()
    {
        body.Dispose();
        _settled.TrySetResult();
    }

    /// <summary>It was never confirmed and never will be: whoever waits for that must not take it for done.</summary>
    public void Abandon()
    {
        body.Dispose();
        _settled.TrySetCanceled();
    }
}
