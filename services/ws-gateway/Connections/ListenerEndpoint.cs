namespace CallMirror.WsGateway.Connections;

/// <summary>What is known of a listener.</summary>
internal enum AckHabit
{
    /// <summary>Nothing yet.</summary>
    Unknown = 0,

    /// <summary>It tells what it has stored.</summary>
    Acknowledges,

    /// <summary>It never says a word: a plain one.</summary>
    Silent,
}

/// <summary>Opens WebSocket connections to one listener, each over a stream that gathers frames.</summary>
internal sealed class ListenerEndpoint
{
    private const long NotProbed = long.MinValue;

    private readonly WsGatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly SharedAttempts _attempts;
    private volatile AckHabit _habit;
    private long _probedAt = NotProbed;

    public ListenerEndpoint(WsGatewayOptions options, TimeProvider time, Random random)
    {
        if (!ListenerUrl.TryParse(options.Url, out var url, out string? problem))
            throw new ArgumentException(problem, nameof(options));
        Url = url;
        _options = options;
        _time = time;
        _attempts = new SharedAttempts(time, random);
        Outages = new OutageLog(time);
    }

    /// <summary>Says that it is away, once for all streams.</summary>
    public OutageLog Outages { get; }

    /// <summary>Where the listener is.</summary>
    public Uri Url { get; }

    /// <summary>Whether the listener acknowledges: its first answer to a <c>start</c>, or its silence, says so for all streams.</summary>
    public AckHabit Habit => _habit;

    /// <summary>Learns from a connection that has sent its <c>start</c>, with as much patience as what is known of the listener warrants.</summary>
    /// <exception cref="IOException">It has said that it acknowledges, and does not.</exception>
    public async Task LearnAsync(ListenerConnection connection, CancellationToken cancellationToken)
    {
        if (connection.SaysThatItAcknowledges)
        {
            // What it has of the stream is on its way, however busy it is.
            if (!await connection.WaitForAckAsync(_options.UpgradeTimeout, cancellationToken) && !connection.IsBroken)
                throw new IOException("the listener has not said what it has of the stream");
            return;
        }

        if (_habit == AckHabit.Unknown)
            await ProbeAsync(connection, cancellationToken);
        if (_habit == AckHabit.Acknowledges && await connection.WaitForAckAsync(_options.AckTimeout, cancellationToken))
            Heard();
    }

    // Of many streams that begin at once none waits longer than the first.
    private async Task ProbeAsync(ListenerConnection connection, CancellationToken cancellationToken)
    {
        long now = _time.GetTimestamp();
        long first = Interlocked.CompareExchange(ref _probedAt, now, NotProbed);
        var left = _options.ProbeTimeout - (first == NotProbed ? TimeSpan.Zero : _time.GetElapsedTime(first, now));
        if (await connection.WaitForAckAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken))
            Heard();
        // A connection that broke proves nothing, nor does one stream's missed answer against those that came.
        else if (connection.IsBroken)
            Interlocked.Exchange(ref _probedAt, NotProbed);
        else
            Interlocked.CompareExchange(ref _habit, AckHabit.Silent, AckHabit.Unknown);
    }

    /// <summary>It has acknowledged something, or said that it does.</summary>
    public void Heard() => _habit = AckHabit.Acknowledges;

    /// <summary>Connects, within <see cref="WsGatewayOptions.ConnectTimeout"/> and <see cref="WsGatewayOptions.UpgradeTimeout"/>.</summary>
    /// <param name="acknowledged">Is called after each acknowledgement, and must be quick.</param>
    /// <param name="metrics">Where what happens on it is counted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Exception">One of those that <see cref="ConnectionFailure.IsExpected"/> knows.</exception>
    public async Task<ListenerConnection> ConnectAsync(Action acknowledged, GatewayMetrics metrics, CancellationToken cancellationToken)
    {
        _attempts.ThrowIfResting();
        UpgradedStream upgraded;
        try
        {
            upgraded = await WebSocketUpgrade.OpenAsync(Url, _options, _time, cancellationToken);
            _attempts.Succeeded();
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e) && !cancellationToken.IsCancellationRequested)
        {
            _attempts.Failed(e);
            throw;
        }

        if (upgraded.Acknowledges)
            Heard();
        return new ListenerConnection(new CoalescingStream(upgraded.Stream, _options.SendTimeout, _time), acknowledged, _options, _time, metrics)
        {
            SaysThatItAcknowledges = upgraded.Acknowledges,
        };
    }
}
