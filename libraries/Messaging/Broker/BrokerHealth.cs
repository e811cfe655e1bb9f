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

    public void Down(string connection, string reason) => Set(connection, reason);

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
