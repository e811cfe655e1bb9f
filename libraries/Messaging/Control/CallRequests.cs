using System.Collections.Concurrent;
using CallMirror.Contracts.Calls;
using CallMirror.Messaging.Broker;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CallMirror.Messaging.Control;

/// <summary>
/// Notes when a queue that follows calls has been connected, the first time or again: what was said before it did not hear, so sip-tracker is asked
/// for the calls that are up.
/// </summary>
internal sealed class CallRequests(IOptions<BrokerOptions> broker)
{
    private readonly ConcurrentDictionary<string, ActiveCallsRequested> _due = new(StringComparer.Ordinal);

    /// <summary>Watches a queue.</summary>
    public void Watch(IReceiveEndpointConfigurator queue, ControlEndpoint endpoint)
    {
        if (endpoint.FollowsCalls)
            queue.ConnectReceiveEndpointObserver(new Watcher(this, Request(endpoint)));
    }

    /// <summary>Asks for what is due; what can't be published now stays due.</summary>
    public async Task PublishAsync(IPublishEndpoint bus, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var (queue, request) in _due)
        {
            using var timeout = new CancellationTokenSource(limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                _due.TryRemove(queue, out _);
                await bus.Publish(request, either.Token).WaitAsync(either.Token);
            }
#pragma warning disable CA1031 // Whatever MassTransit makes of a broken connection.
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _due.TryAdd(queue, request);
            }
        }
    }

    private ActiveCallsRequested Request(ControlEndpoint endpoint) => new()
    {
        ReplyTo = endpoint.Queue,
        IsTemporary = endpoint.Temporary,
        IsTransient = !broker.Value.Durable,
        TakesLanes = endpoint.TakesLanes,
        Events = [.. endpoint.Messages.Select(message => message.Name)],
    };

    private sealed class Watcher(CallRequests requests, ActiveCallsRequested request) : IReceiveEndpointObserver
    {
        public Task Ready(ReceiveEndpointReady ready)
        {
            requests._due[request.ReplyTo] = request;
            return Task.CompletedTask;
        }

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

        public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;
    }
}
