using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Broker;

/// <summary>
/// Keeps one connection to the broker: opens it, declares what must be there, opens another when it ends. It says once why there is none and
/// goes on trying.
/// </summary>
internal sealed partial class BrokerConnection : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WaitForSomebody = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly BrokerParts _parts;
    private readonly Func<IChannel, CancellationToken, Task> _declare;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Backoff _backoff = new(FirstWait, LongestWait, Random.Shared);
    private readonly Lock _lock = new();
    private TaskCompletionSource<BrokerLink> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _lastSaid;
    private bool _wasAway;
    private Task? _run;

    /// <summary>Nothing is opened before <see cref="Start"/>.</summary>
    public BrokerConnection(string name, BrokerParts parts, Func<IChannel, CancellationToken, Task> declare) =>
        (_name, _parts, _declare) = (name, parts, declare);

    /// <summary>Begins to connect; a second call does nothing.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_run is not null)
                return;
            _parts.Health.Down(_name, $"{BrokerProblem.Place(new Uri(_parts.Options.Uri))}: not connected yet");
            _run = Task.Run(RunAsync);
        }
    }

    /// <summary>The link that is up; waits until there is one.</summary>
    public Task<BrokerLink> LinkAsync(CancellationToken cancellationToken)
    {
        Start();
        lock (_lock)
            return _link.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_run is not null)
            await _run;
        lock (_lock)
            _link.TrySetCanceled();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            BrokerProblem problem;
            try
            {
                problem = await ServeAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                problem = BrokerProblem.Of(e, new Uri(_parts.Options.Uri));
            }

            await PauseAsync(problem);
        }
    }

    private async Task<BrokerProblem> ServeAsync(CancellationToken cancellationToken)
    {
        await using var link = await BrokerLink.ConnectAsync(_parts.Options, $"{_parts.ServiceName}/{_name}", cancellationToken);
        await using (var channel = await link.OpenChannelAsync(cancellationToken))
            await _declare(channel, cancellationToken);
        Up(link);
        try
        {
            return BrokerProblem.Of(await link.Closed.WaitAsync(cancellationToken), new Uri(_parts.Options.Uri));
        }
        finally
        {
            lock (_lock)
                _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Up(BrokerLink link)
    {
        _backoff.Reset();
        _lastSaid = null;
        if (_wasAway)
            link.IsBackAt(_parts.Time.GetTimestamp());
        _parts.Health.Up(_name);
        Log.Connected(_parts.Logger, _name, new Uri(_parts.Options.Uri).Authority);
        lock (_lock)
            _link.TrySetResult(link);
    }

    private async Task PauseAsync(BrokerProblem problem)
    {
        bool isNews = _parts.Health.Down(_name, problem.Sentence);
        var wait = problem.NeedsSomebody ? WaitForSomebody : _backoff.Next();
        // What has been said needs no saying again until something has changed.
        if (isNews && _lastSaid != problem.Sentence)
            Log.NotConnected(_parts.Logger, _name, problem.Sentence);
        (_lastSaid, _wasAway) = (problem.Sentence, true);
        await Task.Delay(wait, _parts.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Connected to RabbitMQ at {Broker} ({Connection})")]
        public static partial void Connected(ILogger logger, string connection, string broker);

        [LoggerMessage(LogLevel.Warning, "{Reason}; trying on ({Connection})")]
        public static partial void NotConnected(ILogger logger, string connection, string reason);
    }
}
