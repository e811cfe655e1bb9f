using System.Net.Sockets;
using CallMirror.AllInOne.Load;
using CallMirror.Capture.Synthetic;
using CallMirror.WsGateway;

namespace CallMirror.AllInOne.Embedded;

/// <summary>
/// Takes a few made-up calls through a pipeline of its own, with a listener of its own, before the real one is built: what runs for the first time takes seconds, and twenty
/// calls that begin at once would wait for it. Nothing of it is left, and nobody hears of it.
/// </summary>
internal static class Rehearsal
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // The shortest that can be made up. Most of it is not waited for.
    private static readonly LoadPlan Plan = new() { Calls = 4, Seconds = 1, Ramp = TimeSpan.FromMilliseconds(200) };

    // A few windows, so that what follows the first of them has run too.
    private const int SamplesOfEach = 16 * 300;

    /// <summary>Plays it. Where it can't be played the pipeline begins cold, and is none the worse otherwise.</summary>
    public static async Task PlayAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var tally = new LoadTally(Plan);
            await using var listener = new LoadListener(tally, TimeProvider.System);
            await using var pipeline = await EmbeddedPipeline.StartAsync(Options(listener), either.Token);
            await PlayAsync(pipeline, tally, either.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Too busy a machine, or no port on loopback.
        }
    }

    private static EmbeddedOptions Options(LoadListener listener) => new()
    {
        Listeners = [new Listener(WsGatewayOptions.DefaultGroup, listener.Url, [], BearerToken: null)],
        IsLive = true,
        IsRehearsal = true,
        LogLevel = LogLevel.None,
    };

    // Hung up on in mid call: so the end has been played too, and takes no longer.
    private static async Task PlayAsync(EmbeddedPipeline pipeline, LoadTally tally, CancellationToken cancellationToken)
    {
        using var source = new LoadSource(Plan, TimeProvider.System);
        using var stopping = new CancellationTokenSource();
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = Task.Run(() => pipeline.RunAsync(source, stopping.Token, abort.Token), CancellationToken.None);
        while (!run.IsCompleted && !cancellationToken.IsCancellationRequested && tally.Streams.Any(stream => stream.Samples < SamplesOfEach))
            await Task.Delay(Poll, TimeProvider.System, CancellationToken.None);
        await stopping.CancelAsync();
        abort.CancelAfter(StopLimit);
        await run;
    }
}
