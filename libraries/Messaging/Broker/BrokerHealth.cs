namespace CallMirror.Messaging.Broker;

/// <summary>What each connection of this process last said about itself.</summary>
internal sealed class BrokerHealth(TimeProvider time) : IBrokerHealth
{
    private readonly Dictionary<string, string?> _reasons = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private BrokerState _state = new(IsConnected: false, time.GetUtcNow(), "not connected yet");

    public BrokerState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    public void Up(string connection) => Set(connection, null);

    /// <summary>False where another connection has given the same reason: it is said already.</summary>
    public bool Down(string connection, string reason)
    {
        lock (_lock)
        {
            bool isNews = !_reasons.Any(one => one.Key != connection && one.Value == reason);
            Set(connection, reason);
            return isNews;
        }
    }

    private void Set(string connection, string? reason)
    {
        lock (_lock)
        {
            _reasons[connection] = reason;
            string? worst = _reasons.Values.FirstOrDefault(one => one is not null);
            bool isConnected = worst is null;
            _state = new BrokerState(isConnected, isConnected == _state.IsConnected ? _state.Since : time.GetUtcNow(), worst);
        }
    }
}
