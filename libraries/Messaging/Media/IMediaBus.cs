using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;

namespace CallMirror.Messaging.Media;

/// <summary>
/// The media plane: RTP batches to the transcoders' work queue, L16 chunks to the lanes of their calls. Two shapes: in this process
/// (<see cref="InProcess.InProcessMediaBus"/>) and over RabbitMQ.
/// </summary>
public interface IMediaBus
{
    /// <summary>What spans call it: <c>messaging.system</c>.</summary>
    string System => "in_process";

    /// <summary>
    /// Publishes an RTP batch to <c>callmirror.rtp</c>. Takes the buffer over; completes when the bus has taken the message into its bounded window,
    /// from which it goes on to publish it until the broker has it.
    /// </summary>
    ValueTask PublishBatchAsync(string callId, MediaBuffer batch, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes an L16 chunk to <c>callmirror.pcm</c>. Takes the buffer over; completes when the broker has confirmed it, so that what it was made
    /// from can be acknowledged. To be fast, have many under way at once.
    /// </summary>
    ValueTask PublishChunkAsync(CallKey call, MediaBuffer chunk, CancellationToken cancellationToken);

    /// <summary>Joins the transcoders' work queue: each batch goes to one consumer.</summary>
    ValueTask<IMediaConsumer> ConsumeBatchesAsync(CancellationToken cancellationToken);

    /// <summary>Opens a call's lane for a group of gateways, so that no chunk from now on is missed. Opening an open lane does nothing.</summary>
    ValueTask OpenLaneAsync(string group, CallKey call, CancellationToken cancellationToken);

    /// <summary>Whether a call has a lane in a group: it is opened, and nobody has read it to its end.</summary>
    ValueTask<bool> HasLaneAsync(string group, CallKey call, CancellationToken cancellationToken);

    /// <summary>Waits at a call's lane; one consumer at a time owns it and gets its chunks in order. Over a broker, chunks of another call of
    /// the same Call-ID may come too: they are acknowledged, and nobody's.</summary>
    ValueTask<IMediaConsumer> ConsumeLaneAsync(string group, CallKey call, CancellationToken cancellationToken);

    /// <summary>Removes a call's lane, with whatever it still holds.</summary>
    ValueTask DeleteLaneAsync(string group, CallKey call, CancellationToken cancellationToken);

    /// <summary>
    /// Listens in on a call's chunks beside its lanes, from now on, for as long as the consumer lives. What waits is bounded, the oldest falls off, and neither
    /// the lanes nor the publisher ever wait for it. A call of which nothing comes is no error. As in a lane, another call of the same Call-ID may be heard.
    /// </summary>
    ValueTask<IMediaConsumer> TapAsync(CallKey call, CancellationToken cancellationToken);

    /// <summary>How long the oldest message has waited that the broker has not confirmed, or no transcoder taken; nothing where there is none.</summary>
    TimeSpan PublishLag { get; }

    /// <summary>Completes when the broker has confirmed all that was published.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
