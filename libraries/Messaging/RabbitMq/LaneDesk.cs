using System.Collections.Concurrent;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Broker;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>
/// Opens and deletes lanes, over a connection of its own: a broker that is out of files closes the connection that asked, and that must not be one
/// that carries audio. Several at once, for each takes the broker milliseconds; deletions don't hold up openings.
/// </summary>
internal sealed partial class LaneDesk(BrokerConnection connection, MediaTopology topology, BrokerParts parts) : IDisposable
{
    private const int Attempts = 3;

    // What the broker answers where a queue's process has crashed.
    private const ushort InternalError = 541;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ChannelPool _openings = new(4);
    private readonly ChannelPool _deletions = new(2);

    public Task OpenAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        ServeAsync(_openings, $"the lane of call {call} in group {group} could not be opened", (channel, token) => topology.OpenLaneAsync(channel, group, call, token), cancellationToken);

    public Task DeleteAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        ServeAsync(_deletions, $"the lane of call {call} in group {group} could not be deleted", (channel, token) => MediaTopology.DeleteLaneAsync(channel, group, call, token), cancellationToken);

    public async Task<bool> ExistsAsync(string group, CallKey call, CancellationToken cancellationToken)
    {
        bool exists = false;
        await ServeAsync(_deletions, $"the lane of call {call} in group {group} could not be looked for", LookAsync, cancellationToken);
        return exists;

        async Task LookAsync(IChannel channel, CancellationToken token)
        {
            try
            {
                await channel.QueueDeclarePassiveAsync(LaneName.For(group, call), token);
                exists = true;
            }
            catch (OperationInterruptedException e) when (Broken.IsMissing(e))
            {
                // There is none.
            }
        }
    }

    /// <summary>Opens and deletes what is no call's lane.</summary>
    public async Task RehearseAsync(string queue, CancellationToken cancellationToken)
    {
        await ServeAsync(_openings, "no queue could be tried out", (channel, token) => topology.DeclareRehearsalAsync(channel, queue, token), cancellationToken);
        await ServeAsync(
            _deletions, "no queue could be tried out", (channel, token) => channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, noWait: false, token), cancellationToken);
    }

    public void Dispose()
    {
        _openings.Dispose();
        _deletions.Dispose();
    }

    private async Task ServeAsync(ChannelPool pool, string failure, Func<IChannel, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), Random.Shared);
        Exception? last = null;
        try
        {
            await pool.Turn.WaitAsync(either.Token);
            try
            {
                for (int attempt = 0; attempt < Attempts; attempt++)
                {
                    last = await TryAsync(pool, act, either.Token);
                    if (last is null)
                        return;
                    await Task.Delay(backoff.Next(), parts.Time, either.Token);
                }
            }
            finally
            {
                pool.Turn.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The broker took too long; what it said last, if anything, says why.
        }

        string sentence = $"{failure}: {Why(last)}";
        Log.Failed(parts.Logger, sentence);
        throw new BrokerException(sentence, last);
    }

    private async Task<Exception?> TryAsync(ChannelPool pool, Func<IChannel, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var link = await connection.LinkAsync(cancellationToken);
        IChannel? channel = null;
        try
        {
            channel = pool.TakeOpen() ?? await link.OpenChannelAsync(cancellationToken);
            await act(channel, cancellationToken);
            pool.Return(channel);
            return null;
        }
        catch (Exception e) when (Broken.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            channel?.Dispose();
            return e;
        }
        catch
        {
            channel?.Dispose();
            throw;
        }
    }

    private string Why(Exception? error)
    {
        if (error is OperationInterruptedException { ShutdownReason: { } reason })
            return $"RabbitMQ says {reason.ReplyText}{(reason is { Initiator: ShutdownInitiator.Peer, ReplyCode: InternalError } ? "; it may be out of open files: a lane takes two, raise its nofile limit" : "")}";
        return parts.Health.State is { IsConnected: false, Reason: { } why } ? why : error?.Message ?? "RabbitMQ did not answer in time";
    }

    /// <summary>Some channels for one kind of errand, and who may use them.</summary>
    private sealed class ChannelPool(int channels) : IDisposable
    {
        private readonly ConcurrentBag<IChannel> _idle = [];

        public SemaphoreSlim Turn { get; } = new(channels);

        /// <summary>One that can be used, if there is one.</summary>
        public IChannel? TakeOpen()
        {
            while (_idle.TryTake(out var channel))
            {
                if (channel.IsOpen)
                    return channel;
                channel.Dispose();
            }

            return null;
        }

        public void Return(IChannel channel) => _idle.Add(channel);

        public void Dispose()
        {
            while (_idle.TryTake(out var channel))
                channel.Dispose();
            Turn.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Sentence}")]
        public static partial void Failed(ILogger logger, string sentence);
    }
}
