using System.ComponentModel.DataAnnotations;

namespace CallMirror.Messaging.Broker;

/// <summary>Where the broker is, and the bounds of what it keeps for us. Section <c>CallMirror:Broker</c>.</summary>
public sealed class BrokerOptions : IValidatableObject
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "CallMirror:Broker";

    /// <summary><c>amqp://user:password@host:5672/vhost</c>, or <c>amqps://</c> for TLS.</summary>
    [Required(ErrorMessage = "CallMirror:Broker:Uri is missing: it says where RabbitMQ is, amqp://user:password@host:5672/vhost")]
    public string Uri { get; set; } = "";

    /// <summary>True: messages and queues outlive the broker's restart. False: they don't, and cost its disk nothing.</summary>
    public bool Durable { get; set; } = true;

    /// <summary>Work queues of the transcoders; above 1, a consistent hash of the call-id spreads the calls over them. All services must agree.</summary>
    [Range(1, 64)]
    public int Shards { get; set; } = 1;

    /// <summary>Bytes in one lane; the oldest fall off. The default holds nearly four minutes of both roles at 16 kHz.</summary>
    [Range(1024, 1L << 40)]
    public long LaneMaxBytes { get; set; } = 16L << 20;

    /// <summary>How old a chunk in a lane gets before it is dropped.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan LaneMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes in one work queue; the oldest fall off.</summary>
    [Range(1024, 1L << 40)]
    public long WorkMaxBytes { get; set; } = 512L << 20;

    /// <summary>How old a batch in a work queue gets before it is dropped.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan WorkMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a lane stays that nobody consumes: no gateway was there in all that time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "20.00:00:00")]
    public TimeSpan LaneOrphanedAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Unacknowledged batches that a consumer of the work queue holds at most. A batch is acknowledged once its chunk is confirmed, which on a busy disk takes
    /// tens of milliseconds: fewer than so many bound what a transcoder does in a second.
    /// </summary>
    [Range(1, 10_000)]
    public ushort Prefetch { get; set; } = 1024;

    /// <summary>Unacknowledged chunks that a consumer of a lane holds at most.</summary>
    [Range(1, 10_000)]
    public ushort LanePrefetch { get; set; } = 256;

    /// <summary>
    /// Messages that a publisher keeps until the broker has confirmed them; then it waits, or drops the oldest unsent one. The default outlasts the
    /// broker's restart for a minute of 50 calls.
    /// </summary>
    [Range(1, 1_000_000)]
    public int WindowMessages { get; set; } = 32_768;

    /// <summary>The same in bytes.</summary>
    [Range(1024, 1L << 34)]
    public long WindowBytes { get; set; } = 64L << 20;

    /// <summary>True for live packets, which can't wait: a full window drops its oldest unsent message and counts it. False: the publisher waits.</summary>
    public bool DropOldest { get; set; }

    /// <summary>How often each side shows that it is there; two silent ones end the connection.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!System.Uri.TryCreate(Uri, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps"))
            yield return new ValidationResult("CallMirror:Broker:Uri must look like amqp://user:password@host:5672/vhost", [nameof(Uri)]);
    }
}
