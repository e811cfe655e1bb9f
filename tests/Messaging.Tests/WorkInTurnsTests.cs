namespace CallMirror.Messaging.Tests;

public sealed class WorkInTurnsTests
{
    private readonly WorkInTurns _work = new();

    [Fact]
    public async Task Whoever_else_uses_the_pool_waits_for_a_few_pieces_and_not_for_all()
    {
        const int Pieces = 20_000;
        int done = 0;
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] pieces = [.. Enumerable.Range(0, Pieces).Select(_ => _work.Run(async () =>
        {
            await begin.Task;
            Thread.SpinWait(1_000);
            Interlocked.Increment(ref done);
        }))];
        begin.SetResult();
        // Twenty waits, as a control message has, one after the other.
        for (int i = 0; i < 20; i++)
            await Task.Run(static () => { }, TestContext.Current.CancellationToken);
        Assert.InRange(Volatile.Read(ref done), 0, Pieces / 2);
        await Task.WhenAll(pieces).WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Pieces, done);
    }

    [Fact]
    public async Task What_follows_a_wait_takes_its_turn_too()
    {
        var before = new TaskCompletionSource<TaskScheduler>();
        await _work.Run(async () =>
        {
            var first = TaskScheduler.Current;
            Assert.NotSame(TaskScheduler.Default, first);
            await Task.Run(static () => { });
            Assert.Same(first, TaskScheduler.Current);
            before.SetResult(first);
        });
        Assert.NotSame(TaskScheduler.Current, await before.Task);
    }

    [Fact]
    public async Task A_failure_is_that_of_the_work() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => _work.Run(() => throw new InvalidDataException()));
}
