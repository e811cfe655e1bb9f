using System.Reflection;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CallMirror.Messaging.Tests.RabbitMq;

/// <summary>A broker that dies while a consumer is being added: the client has no consumer yet that it could tell, and nobody would ever consume that lane again.</summary>
public sealed class SubscriptionTests
{
    [Fact]
    public async Task It_has_ended_where_its_channel_was_closed_before_the_client_knew_the_consumer()
    {
        var (channel, broker) = Channel();
        var subscription = Subscription(channel);
        broker.OnConsume = broker.Close;

        await subscription.OpenAsync(TestContext.Current.CancellationToken);

        Assert.True(subscription.Ended.IsCompletedSuccessfully);
        Assert.Equal(SubscriptionEnd.Lost, await subscription.Ended);
    }

    [Fact]
    public async Task It_ends_with_its_channel_though_the_client_tells_no_consumer()
    {
        var (channel, broker) = Channel();
        var subscription = Subscription(channel);
        await subscription.OpenAsync(TestContext.Current.CancellationToken);
        Assert.False(subscription.Ended.IsCompleted);

        await broker.ShutDownAsync();

        Assert.Equal(SubscriptionEnd.Lost, await subscription.Ended);
    }

    private static Subscription Subscription(IChannel channel) =>
        new(channel, epoch: 1, new ConsumerSetup(["lane"], DeclareAsync: null, Prefetch: 8, (_, _, _) => ValueTask.CompletedTask), System.Threading.Channels.Channel.CreateUnbounded<MediaDelivery>().Writer, TimeProvider.System);

    private static (IChannel Channel, ChannelOfADyingBroker Broker) Channel()
    {
        var channel = DispatchProxy.Create<IChannel, ChannelOfADyingBroker>();
        return (channel, (ChannelOfADyingBroker)(object)channel);
    }

    /// <summary>A channel that does what a test says; all else of it does nothing.</summary>
    public class ChannelOfADyingBroker : DispatchProxy
    {
        private AsyncEventHandler<ShutdownEventArgs>? _shutdown;
        private bool _isOpen = true;

        public Action OnConsume { get; set; } = () => { };

        public void Close() => _isOpen = false;

        public Task ShutDownAsync()
        {
            Close();
            return _shutdown!(this, new ShutdownEventArgs(ShutdownInitiator.Library, 541, "gone"));
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            switch (targetMethod!.Name)
            {
                case "add_" + nameof(IChannel.ChannelShutdownAsync):
                    _shutdown += (AsyncEventHandler<ShutdownEventArgs>)args![0]!;
                    return null;
                case "get_" + nameof(IChannel.IsOpen):
                    return _isOpen;
                case nameof(IChannel.BasicConsumeAsync):
                    OnConsume();
                    return Task.FromResult("tag");
                default:
                    return targetMethod.ReturnType == typeof(Task) ? Task.CompletedTask : null;
            }
        }
    }
}
