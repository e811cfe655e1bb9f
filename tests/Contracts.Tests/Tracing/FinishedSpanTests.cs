using System.Diagnostics;
using CallMirror.Contracts.Tracing;
using CallMirror.TestKit.Tracing;

namespace CallMirror.Contracts.Tests.Tracing;

public sealed class FinishedSpanTests
{
    private static readonly ActivitySource Source = new("CallMirror.SpanTests");
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 1, 2, 3, TimeSpan.Zero);
    private static readonly CallTrace Trace = CallTrace.Of("finished", Start);

    [Fact]
    public void The_calls_span_has_the_id_that_was_derived_and_no_parent()
    {
        using var heard = new SpanCollector("root");
        Span("root", Trace.CallSpan, default).WriteTo(Source);

        var span = heard["root"];
        Assert.Equal((Trace.TraceId, Trace.CallSpan, default), (span.TraceId, span.SpanId, span.ParentSpanId));
        Assert.Equal($"00-{Trace.TraceId}-{Trace.CallSpan}-01", span.Id);
    }

    [Fact]
    public void A_span_below_it_has_its_own_id_and_that_parent()
    {
        using var heard = new SpanCollector("below");
        var id = ActivitySpanId.CreateRandom();
        Span("below", id, Trace.CallSpan).WriteTo(Source);

        var span = heard["below"];
        Assert.Equal((Trace.TraceId, id, Trace.CallSpan), (span.TraceId, span.SpanId, span.ParentSpanId));
    }

    [Fact]
    public void It_is_as_long_as_it_was_and_says_what_happened()
    {
        using var heard = new SpanCollector("long");
        Span("long", ActivitySpanId.CreateRandom(), Trace.CallSpan, "it broke").WithEvent("held", Start.AddSeconds(1), "callmirror.by", "caller").With("none", null).WriteTo(Source);

        var span = heard["long"];
        Assert.Equal((Start.UtcDateTime, TimeSpan.FromHours(3)), (span.StartTimeUtc, span.Duration));
        Assert.Equal((ActivityStatusCode.Error, "it broke"), (span.Status, span.StatusDescription));
        var held = Assert.Single(span.Events);
        Assert.Equal(("held", Start.AddSeconds(1), "caller"), (held.Name, held.Timestamp, held.Tags.Single().Value));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Key == "none");
    }

    [Fact]
    public void Whatever_is_under_way_stays_as_it_is()
    {
        using var heard = new SpanCollector("aside");
        using var current = new Activity("current").Start();
        Span("aside", ActivitySpanId.CreateRandom(), Trace.CallSpan).WriteTo(Source);

        Assert.Same(current, Activity.Current);
        Assert.Equal(Trace.CallSpan, heard["aside"].ParentSpanId);
    }

    private static FinishedSpan Span(string name, ActivitySpanId id, ActivitySpanId parent, string? error = null) =>
        new FinishedSpan { Name = name, TraceId = Trace.TraceId, Id = id, ParentId = parent, Start = Start, End = Start.AddHours(3), Error = error }.With(SpanAttributes.CallId, name);
}
