using CallMirror.Messaging.Broker;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>Connections for consumers, each of which has a channel of its own: a broker allows 2,047 channels in a connection by default.</summary>
internal sealed class ConsumingConnections(BrokerParts parts, MediaTopology topology) : IAsyncDisposable
{
    private const int ConsumersEach = 1000;

    private readonly Lock _lock = new();
    private readonly List<Place> _places = [];

    /// <summary>Begins to connect, before there is a consumer.</summary>
    public void Start() => Take().Dispose();

    /// <summary>A place for one consumer, until it is disposed.</summary>
    public Place Take()
    {
        lock (_lock)
        {
            var place = _places.Find(one => one.Consumers < ConsumersEach);
            if (place is null)
            {
                string name = _places.Count == 0 ? "consume" : $"consume-{_places.Count + 1}";
                place = new Place(new BrokerConnection(name, parts, topology.DeclareAsync));
                place.Connection.Start();
                _places.Add(place);
            }

            place.Add();
            return place;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var place in _places)
            await place.Connection.DisposeAsync();
    }

    /// <summary>One connection and how many consume over it.</summary>
    internal sealed class Place(BrokerConnection connection) : IDisposable
    {
        private int _consumers;

        public BrokerConnection Connection => connection;

        public int Consumers => Volatile.Read(ref _consumers);

        public void Add() => Interlocked.Increment(ref _consumers);

        /// <summary>One consumer is gone.</summary>
        public void Dispose() => Interlocked.Decrement(ref _consumers);
    }
}
