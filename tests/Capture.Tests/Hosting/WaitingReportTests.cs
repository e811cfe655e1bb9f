using CallMirror.Capture.Hosting;
using CallMirror.Capture.Memory;
using CallMirror.Capture.Tests.Sources;
using CallMirror.Messaging.Broker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Tests.Hosting;

public sealed class WaitingReportTests
{
    [Fact]
    public async Task What_had_no_room_is_told_once_with_how_much_it_was()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        await host.RunAsync(new ListSource());
        var memory = MemoryBounds.Of(new ConfigurationBuilder().Build().GetSection("Capture"));
        using var report = new WaitingReport(
            host.Loop, memory, Options.Create(new CaptureOptions()), Options.Create(new BrokerOptions()), TimeProvider.System,
            NullLogger<WaitingReport>.Instance);
        Assert.Equal("", report.News());

        host.Loop.Counters!.Drop(DropReason.UndecidedFull, 3);
        host.Loop.Counters.Drop(DropReason.OutboxFull);
        host.Loop.Counters.Drop(DropReason.NotReadable);
        Assert.Equal("3 UndecidedFull, 1 OutboxFull", report.News());
        Assert.Equal("", report.News());

        host.Loop.Counters.Drop(DropReason.UndecidedFull, 2);
        Assert.Equal("2 UndecidedFull", report.News());
    }
}
