using CallMirror.Contracts.Naming;

namespace CallMirror.AllInOne.Load;

/// <summary>What capture had taken in when it ended.</summary>
/// <param name="Packets">Packets read.</param>
/// <param name="Rtp">RTP packets that belonged to a call.</param>
/// <param name="Dropped">What was dropped and why, in words; <c>none</c>.</param>
internal sealed record LoadIntake(long Packets, long Rtp, string Dropped);

/// <summary>The pipeline that carries the load, in one of its shapes: everything but the listener.</summary>
internal interface ILoadedPipeline : IAsyncDisposable
{
    /// <summary>Its processes, the broker's included where it can be seen.</summary>
    IReadOnlyList<ProcessMeter> Processes { get; }

    /// <summary>Completes with one sentence where it breaks.</summary>
    Task<string?> Broken { get; }

    /// <summary>The first call begins.</summary>
    void Begin();

    /// <summary>What waits between its parts.</summary>
    /// <param name="calls">Calls that are up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<QueueDepths> DepthsAsync(IReadOnlyList<CallKey> calls, CancellationToken cancellationToken);

    /// <summary>No more calls; says what came in.</summary>
    Task<LoadIntake> StopAsync();
}
