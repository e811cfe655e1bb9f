using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Rehearsing;
using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>
/// Takes a few messages over the broker before the control plane counts as up: what MassTransit does for the first time takes longest, and many calls may begin at once. They go
/// to a queue and an exchange that nobody else knows, and that go away with it.
/// </summary>
internal static class ControlRehearsal
{
    private const int Messages = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // Of what is left behind where the process dies meanwhile.
    private static readonly TimeSpan OrphanedAfter = TimeSpan.FromMinutes(1);

    public static Task PlayAsync(IBusControl bus, TimeProvider time, CancellationToken cancellationToken) =>
        Rehearsal.TryAsync(limited => PlayAsync(bus, limited), Limit, time, cancellationToken);

    private static async Task PlayAsync(IBusControl bus, CancellationToken cancellationToken)
    {
        var heard = new Heard();
        var endpoint = bus.ConnectReceiveEndpoint($"callmirror.rehearsal.{Guid.NewGuid():N}", queue => Configure(queue, heard));
        try
        {
            var ready = await endpoint.Ready.WaitAsync(cancellationToken);
            for (int i = 0; i < Messages; i++)
                await bus.SendAsync(new ControlMessage(Message(i), ready.InputAddress), static () => { }, cancellationToken);
            await heard.All.WaitAsync(cancellationToken);
        }
        finally
        {
            await endpoint.StopAsync(cancellationToken).WaitAsync(cancellationToken);
        }
    }

    private static void Configure(IReceiveEndpointConfigurator queue, Heard heard)
    {
        // Bound to no exchange that others publish to.
        queue.ConfigureConsumeTopology = false;
        if (queue is IRabbitMqReceiveEndpointConfigurator rabbit)
            (rabbit.Durable, rabbit.AutoDelete, rabbit.QueueExpiration) = (false, true, OrphanedAfter);
        queue.Handler<SipMessageHandled>(_ => heard.OneAsync());
    }

    private static SipMessageHandled Message(int number) => new() { CaptureId = "rehearsal", Sequence = number, CallId = "rehearsal" };

    private sealed class Heard
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task All => _all.Task;

        public Task OneAsync()
        {
            if (Interlocked.Increment(ref _count) == Messages)
                _all.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
