using CallMirror.AllInOne.Commands;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Sends the packets of a capture in a namespace, at their own pace.</summary>
internal static class Replay
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Returns how many were sent.</summary>
    public static async Task<int> PlayAsync(NetworkNamespace inside, string capture, string? filter = null)
    {
        using var injector = await inside.OpenAsync(() => PcapInjector.Open(NetworkNamespace.Near));
        using var source = new Input([capture], Device: null, filter, Speed: 1).Open(TimeProvider.System);
        using var timer = new PeriodicTimer(Pause);
        int sent = 0;
        while (true)
        {
            var status = SendWhatIsDue(source, injector, ref sent);
            if (status == SourceStatus.End)
                return sent;
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static SourceStatus SendWhatIsDue(IPacketSource source, PcapInjector injector, ref int sent)
    {
        while (true)
        {
            var status = source.TryRead(out var packet);
            if (status != SourceStatus.Packet)
                return status;
            injector.Send(packet);
            sent++;
        }
    }
}
