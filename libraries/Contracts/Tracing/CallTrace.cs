using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace CallMirror.Contracts.Tracing;

/// <summary>
/// The trace of a call. Its id, and that of the span that all others hang below, follow from the call-id and the epoch: whoever knows these two can
/// add to the trace, in any process and after any restart, and nothing has to be kept or asked for.
/// </summary>
public readonly record struct CallTrace
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    private CallTrace(ActivityTraceId traceId, ActivitySpanId callSpan) => (TraceId, CallSpan) = (traceId, callSpan);

    /// <summary>The first 16 bytes of the SHA-256 of the call-id in UTF-8 and the epoch in nanoseconds, little-endian.</summary>
    public ActivityTraceId TraceId { get; }

    /// <summary>The span of the call itself, INVITE to end: the 8 bytes that follow.</summary>
    public ActivitySpanId CallSpan { get; }

    /// <summary>The call's context as W3C Trace Context §3.2 writes it.</summary>
    public string TraceParent => Parent(TraceId, CallSpan, isRecorded: true);

    /// <summary>The trace of a call.</summary>
    /// <param name="callId">The SIP Call-ID.</param>
    /// <param name="epochNs">The call's epoch, in nanoseconds since the Unix epoch.</param>
    public static CallTrace Of(string callId, long epochNs)
    {
        byte[] named = new byte[Encoding.UTF8.GetByteCount(callId) + sizeof(long)];
        int length = Encoding.UTF8.GetBytes(callId, named);
        BinaryPrimitives.WriteInt64LittleEndian(named.AsSpan(length), epochNs);
        var hash = SHA256.HashData(named).AsSpan();
        return new CallTrace(
            ActivityTraceId.CreateFromBytes(hash[..TraceIdBytes]),
            ActivitySpanId.CreateFromBytes(hash.Slice(TraceIdBytes, SpanIdBytes)));
    }

    /// <summary>The trace of a call that began at <paramref name="startedAt"/>.</summary>
    public static CallTrace Of(string callId, DateTimeOffset startedAt) => Of(callId, CaptureTime.ToNanoseconds(startedAt));

    /// <summary>The id of a span that a call has once, whoever writes it how often.</summary>
    public ActivitySpanId SpanOf(string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{TraceId}/{name}"));
        return ActivitySpanId.CreateFromBytes(hash.AsSpan(0, SpanIdBytes));
    }

    /// <summary>A context as W3C Trace Context §3.2 writes it.</summary>
    public static string Parent(ActivityTraceId traceId, ActivitySpanId span, bool isRecorded) => $"00-{traceId}-{span}-0{(isRecorded ? 1 : 0)}";
}
