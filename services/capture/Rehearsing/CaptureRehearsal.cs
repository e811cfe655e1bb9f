using CallMirror.Capture.Synthetic;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.Rehearsing;

namespace CallMirror.Capture.Rehearsing;

/// <summary>Plays made-up calls through capture, with a sip-tracker that knows what they are.</summary>
internal static class CaptureRehearsal
{
    private const int Batches = 12;

    // All that it plays; a ring of the usual size would be garbage when the real one is made.
    private const int UnclaimedBytes = 1 << 20;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);
    private static readonly LoadPlan Plan = new() { Calls = 4, Seconds = 1, Ramp = TimeSpan.FromMilliseconds(100) };

    public static Task PlayAsync(CancellationToken cancellationToken) => Rehearsal.PlayAsync(Add, PlayAsync, cancellationToken);

    private static void Add(IServiceCollection services)
    {
        services.AddCapture(options => options.UnclaimedBytes = UnclaimedBytes);
        services.AddControlEndpoint(new ControlEndpoint("rehearsal", [typeof(RehearsedTracker)], Temporary: true));
        services.AddInMemoryControlPlane();
    }

    private static async Task PlayAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        using var source = new LoadSource(Plan, TimeProvider.System);
        using var stopping = new CancellationTokenSource();
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = Task.Run(() => services.GetRequiredService<CaptureLoop>().RunAsync(source, stopping.Token, abort.Token), CancellationToken.None);
        try
        {
            await TakeBatchesAsync(services.GetRequiredService<IMediaBus>(), cancellationToken);
        }
        finally
        {
            await stopping.CancelAsync();
            abort.CancelAfter(StopLimit);
            await run;
        }
    }

    private static async Task TakeBatchesAsync(IMediaBus bus, CancellationToken cancellationToken)
    {
        await using var transcoder = await bus.ConsumeBatchesAsync(cancellationToken);
        for (int i = 0; i < Batches && await transcoder.ReadAsync(cancellationToken) is { } batch; i++)
            await transcoder.AcknowledgeAsync(batch, cancellationToken);
    }
}
