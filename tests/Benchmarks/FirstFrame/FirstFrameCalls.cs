using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Synthetic;
using CallMirror.Protocols.Packets;

namespace CallMirror.Benchmarks.FirstFrame;

/// <summary>Calls on the loopback interface that begin within one second, answered at once, with media of both sides 10 ms after the INVITE.</summary>
internal sealed class FirstFrameCalls(int calls)
{
    private const int Seconds = 3;
    private const double SetupStepMs = 2;
    private const double PacketMs = 20;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly LoadPlan _plan = new() { Calls = calls, Seconds = Seconds };
    private readonly long[,] _firstSent = new long[calls, 2];

    /// <summary>When the first RTP packet of a role was sent, in ticks of the clock.</summary>
    public long FirstSent(int call, int role) => _firstSent[call, role];

    /// <summary>Makes them.</summary>
    public async Task PlayAsync(string device)
    {
        using var injector = PcapInjector.Open(device);
        var frames = new LoadFrames(_plan);
        var next = new PriorityQueue<(int Call, int Step), double>();
        for (int call = 0; call < calls; call++)
            next.Enqueue((call, 0), BeginOf(call));
        long begun = TimeProvider.System.GetTimestamp();
        while (next.TryPeek(out var due, out double atMs))
        {
            if (atMs > TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds)
            {
                await Task.Delay(Pause, TimeProvider.System);
                continue;
            }

            next.Dequeue();
            NoteFirst(due.Call, due.Step);
            injector.Send(new CapturedPacket(LinkType.Ethernet, 0, frames.Write(due.Call, due.Step)));
            if (due.Step + 1 < LoadCall.Steps(_plan))
                next.Enqueue((due.Call, due.Step + 1), BeginOf(due.Call) + OffsetOf(due.Step + 1));
        }
    }

    private void NoteFirst(int call, int step)
    {
        int media = step - LoadCall.SetupSteps;
        if (media is 0 or 1)
            _firstSent[call, media] = TimeProvider.System.GetUtcNow().Ticks;
    }

    private double BeginOf(int call) => Within.TotalMilliseconds * call / calls;

    private static double OffsetOf(int step) => step < LoadCall.SetupSteps
        ? step * SetupStepMs
        : (LoadCall.SetupSteps * SetupStepMs) + ((step - LoadCall.SetupSteps) / 2 * PacketMs);
}
