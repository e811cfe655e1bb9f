using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>One broker for all tests of a class.</summary>
public sealed class BrokerOfTests : IAsyncLifetime
{
    private RabbitMqBroker? _broker;

    /// <summary>How to connect to it.</summary>
    public string Uri => _broker!.Uri;

    public async ValueTask InitializeAsync() => _broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}
