namespace CallMirror.Messaging;

/// <summary>
/// Runs work of which there are thousands of pieces at a time, so that all else that uses the thread pool need not wait behind them. Each piece, and each
/// continuation of one, waits in a queue of its own; of that queue a few are done at a time, and then the next in the pool has its turn. Without
/// it a machine that is nearly full handles no control messages: those are done one by one, with a dozen waits each, and every wait was one for thousands.
/// </summary>
public sealed class WorkInTurns
{
    // A piece is tens of microseconds long: what waits behind a turn waits for less than a millisecond.
    private const int PiecesInATurn = 8;

    private readonly TaskScheduler _turns =
        new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, Environment.ProcessorCount, PiecesInATurn).ConcurrentScheduler;

    /// <summary>Starts work whose continuations take turns as well, where they are not told otherwise by <c>ConfigureAwait</c>.</summary>
    public Task Run(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();
}
