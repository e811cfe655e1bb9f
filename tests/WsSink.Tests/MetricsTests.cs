using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CallMirror.WsSink.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task What_is_stored_passed_over_filled_and_refused_is_counted()
    {
        var counted = new ConcurrentDictionary<string, long>();
        await using var sink = await SinkFixture.StartAsync();
        using var listener = new MeterListener();
        // Only this sink's instruments: other tests run at the same time.
        var mine = sink.Server.MeterScope;
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter.Scope == mine)
                to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var reason = tags.Length > 0 ? $" {tags[0].Value}" : "";
            counted.AddOrUpdate(instrument.Name["callmirror.sink.".Length..] + reason, value, (_, sum) => sum + value);
        });
        listener.Start();

        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 640);
        client.Break();
        await sink.LostAsync("a");
        using var next = await sink.StartStreamAsync("a-0.320", 320, resumes: "a-0");
        await next.SendAudioAsync(320, 320);
        await next.SendTextAsync("""{"type":"later"}""");
        await next.FinishAsync(640, "a reason that nobody knows");
        using var refused = await sink.ConnectAsync();
        await refused.SendBinaryAsync([1, 2]);
        await refused.ClosedAsync();
        await SinkFixture.UntilAsync(() => Task.FromResult(counted["connections"] == 0));

        Assert.Equal(640, counted["samples.stored"]);
        Assert.Equal(320, counted["samples.repeated"]);
        Assert.Equal(2, counted["streams.started"]);
        Assert.Equal(1, counted["streams.ended other"]);
        Assert.Equal(1, counted["frames.unknown"]);
        Assert.Equal(1, counted["refusals binary-before-start"]);
    }
}
