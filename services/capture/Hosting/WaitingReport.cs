using CallMirror.Capture.Memory;
using CallMirror.Messaging.Broker;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Hosting;

/// <summary>
/// Says at the start how much may wait, and once a minute at the most how much had no room. What had none among the windows, the publisher says.
/// </summary>
internal sealed partial class WaitingReport(
    CaptureLoop loop, MemoryBounds memory, IOptions<CaptureOptions> options, IOptions<BrokerOptions> broker, TimeProvider time,
    ILogger<WaitingReport> logger)
    : BackgroundService
{
    private const long Mebibyte = 1L << 20;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly DropReason[] HadNoRoom = [DropReason.UnclaimedFull, DropReason.UndecidedFull, DropReason.OutboxFull];

    private readonly long[] _told = new long[HadNoRoom.Length];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (windows, heap) = (InMebibytes(broker.Value.WindowBytes), InMebibytes(memory.HeapBytes));
        var (unclaimed, control) = (InMebibytes(options.Value.UnclaimedBytes), InMebibytes(options.Value.ControlBytes));
        LogBounds(windows, unclaimed, control, heap);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            if (News() is { Length: > 0 } news)
                LogDropped(news);
    }

    // What was dropped since it was asked last, in words.
    internal string News()
    {
        if (loop.Counters is not { } counters)
            return "";
        List<string> news = [];
        for (int i = 0; i < HadNoRoom.Length; i++)
        {
            long dropped = counters.Dropped(HadNoRoom[i]);
            if (dropped > _told[i])
                news.Add($"{dropped - _told[i]} {HadNoRoom[i]}");
            _told[i] = dropped;
        }

        return string.Join(", ", news);
    }

    private static double InMebibytes(long bytes) => Math.Round((double)bytes / Mebibyte, 1);

    [LoggerMessage(
        LogLevel.Information,
        "{Windows} MiB of windows, {Unclaimed} MiB of RTP without a call and {Control} MiB of SIP and call events may wait, "
            + "of {Heap} MiB that the heap may take")]
    private partial void LogBounds(double windows, double unclaimed, double control, double heap);

    [LoggerMessage(LogLevel.Warning, "Dropped within a minute, as too much waits for sip-tracker or the broker: {Drops}")]
    private partial void LogDropped(string drops);
}
