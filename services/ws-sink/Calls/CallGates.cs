namespace CallMirror.WsSink.Calls;

/// <summary>One at a time for each call; a fixed number of gates is shared out among all calls.</summary>
internal sealed class CallGates
{
    private const int Count = 256;
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Count).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<Entered> EnterAsync(string callId, CancellationToken cancellationToken)
    {
        var gate = _gates[(uint)string.GetHashCode(callId, StringComparison.Ordinal) % Count];
        await gate.WaitAsync(cancellationToken);
        return new Entered(gate);
    }

    internal readonly struct Entered(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
