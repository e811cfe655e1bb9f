using CallMirror.Contracts.Tracing;

namespace CallMirror.Contracts.Tests.Tracing;

public sealed class CallTraceTests
{
    // Made by Python: hashlib.sha256(call_id.encode() + struct.pack('<q', epoch_ns)), and sha256(trace id + "/call started").
    [Theory]
    [InlineData("a84b4c76e66710@pc33.example.com", 1_795_347_682_175_178_000, "e56b6c5b53b996c8512296727be34d6e", "8c51dae0ccc638c4", "9999abd39ea324c9")]
    [InlineData("", 0, "af5570f5a1810b7af78caf4bc70a660f", "0df51e42baf91d4d", "bc407f3746c8f246")]
    public void Its_ids_are_what_anyone_can_compute(string callId, long epochNs, string traceId, string callSpan, string started)
    {
        var trace = CallTrace.Of(callId, epochNs);
        Assert.Equal((traceId, callSpan, started), (trace.TraceId.ToHexString(), trace.CallSpan.ToHexString(), trace.SpanOf("call started").ToHexString()));
        Assert.Equal($"00-{traceId}-{callSpan}-01", trace.TraceParent);
    }

    [Fact]
    public void An_epoch_means_the_same_in_events_and_in_media_messages()
    {
        var at = new DateTimeOffset(2026, 11, 25, 23, 22, 21, TimeSpan.FromHours(2)).AddTicks(1_234_567);
        Assert.Equal(CallTrace.Of("call", CaptureTime.ToNanoseconds(at)), CallTrace.Of("call", at.ToUniversalTime()));
        Assert.NotEqual(CallTrace.Of("call", at), CallTrace.Of("call", at.AddTicks(1)));
    }
}
