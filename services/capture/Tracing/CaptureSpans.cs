using System.Diagnostics;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Tracing;
using CallMirror.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Tracing;

/// <summary>What capture adds to the traces of calls: a span for each stream when it has ended, and the first hop of one batch in so many.</summary>
internal sealed class CaptureSpans(IOptions<TracingOptions> options, TimeProvider time)
{
    private static readonly ActivitySource Source = new("CallMirror.Capture");

    /// <summary>Gives a batch the context that it is traced by through all hops, if it is the turn of one.</summary>
    /// <param name="callId">Its call.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="nowNs">The packets' time at which its window was closed.</param>
    /// <param name="isLive">Packets' time is the clock's.</param>
    public void Sample(string callId, MediaBuffer batch, long nowNs, bool isLive)
    {
        int every = options.Value.BatchSampling;
        if (every == 0 || !Source.HasListeners() || !MediaMessage.TryParse(batch.Memory.Span, out var message, out _))
            return;
        var header = message.Header;
        if (header.Sequence % every != 0)
            return;
        long firstNs = FirstHeardNs(message);
        var now = time.GetUtcNow();
        var trace = CallTrace.Of(callId, header.Epoch);
        var span = new FinishedSpan
        {
            Name = "capture window",
            TraceId = trace.TraceId,
            ParentId = trace.CallSpan,
            // A file's packets are of another day: what matters is how long the audio waited.
            Start = isLive ? CaptureTime.ToDateTime(firstNs) : now - (CaptureTime.ToDateTime(nowNs) - CaptureTime.ToDateTime(firstNs)),
            End = now,
        };
        span.With(SpanAttributes.CallId, callId).With(SpanAttributes.Sequence, (long)header.Sequence).With(SpanAttributes.Samples, Samples(message));
        span.WriteTo(Source);
        batch.TraceParent = span.TraceParent;
    }

    /// <summary>A stream has ended: what was measured of it.</summary>
    public static void StreamEnded(StreamQuality quality, long epochNs, long firstPacketNs)
    {
        if (!Source.HasListeners())
            return;
        var trace = CallTrace.Of(quality.CallId, epochNs);
        new FinishedSpan
        {
            Name = $"capture {SpanAttributes.RoleName(quality.Role)}",
            TraceId = trace.TraceId,
            ParentId = trace.CallSpan,
            Start = CaptureTime.ToDateTime(firstPacketNs),
            End = quality.At,
        }
        .With(SpanAttributes.CallId, quality.CallId)
        .With(SpanAttributes.Role, SpanAttributes.RoleName(quality.Role))
        .With("callmirror.packets", quality.Packets)
        .With(SpanAttributes.Samples, quality.Samples)
        .With("callmirror.lost", quality.Lost)
        .With("callmirror.late", quality.Late)
        .With("callmirror.duplicates", quality.Duplicates)
        .With("callmirror.reordered", quality.Reordered)
        .With("callmirror.jitter_ms", quality.JitterMilliseconds)
        .With("callmirror.stretches", (long)quality.Stretches)
        .WriteTo(Source);
    }

    // Where there is no new audio, as of the newest packet.
    private static long FirstHeardNs(MediaMessage message)
    {
        var header = message.Header;
        long first = long.MaxValue;
        foreach (var section in message)
            foreach (var run in section.Runs)
                if (!run.Header.Flags.HasFlag(RunFlags.History))
                    first = Math.Min(first, run.Header.Position);
        return first == long.MaxValue ? header.CapturedAt : header.Epoch + (first * (1_000_000_000L / header.SampleRate));
    }

    private static long Samples(MediaMessage message)
    {
        long samples = 0;
        foreach (var section in message)
            foreach (var run in section.Runs)
                if (!run.Header.Flags.HasFlag(RunFlags.History))
                    samples += run.Payload.Length;
        return samples;
    }
}
