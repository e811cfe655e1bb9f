using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Connections;

namespace CallMirror.WsGateway.Tests.Calls;

/// <summary>Listeners that close in mid call or at its end: what counts as stored, how often they are dialled, and what ends a stream for good.</summary>
public sealed class ClosingListenerTests
{
    private const int Streams = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(1013)]
    public async Task Another_close_than_1000_at_the_end_is_tried_again_and_then_told(int code)
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        listener.Closes = (_, heard) => IsEnd(heard) ? code : null;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        Assert.InRange(listener.Connections.Count, Streams + 1, 5 * Streams);
        Assert.All(gateway.Gateway.Streams, stream =>
        {
            Assert.Contains($"the listener closed the connection ({code} it says why)", stream.Failure, StringComparison.Ordinal);
            Assert.Equal((320 + 1600, 320 + 1600, null), (stream.End, stream.Position, stream.StoredPosition));
        });
    }

    [Fact]
    public async Task What_was_acknowledged_is_stored_and_what_was_only_sent_is_not()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        listener.Says = static heard => heard.Frames.Count == 2 ? """{"type":"ack","position":640}""" : null;
        listener.Closes = static (_, heard) => IsEnd(heard) ? 1011 : null;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        Assert.All(gateway.Gateway.Streams, stream => Assert.Equal((640, 320 + 1600), (stream.StoredPosition, stream.End)));
    }

    [Fact]
    public async Task A_close_of_1001_at_the_end_and_then_one_of_1000_is_complete()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        listener.Closes = (number, heard) => IsEnd(heard) && number < Streams ? 1001 : null;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        Assert.All(gateway.Gateway.Streams, stream => Assert.Null(stream.Failure));
    }

    [Fact]
    public async Task Who_has_acknowledged_all_may_close_with_anything()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        long through = 320 + 1600;
        listener.Says = heard => IsEnd(heard) ? $$"""{"type":"ack","position":{{through}}}""" : null;
        listener.Closes = (_, heard) => IsEnd(heard) ? 1001 : null;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        Assert.All(gateway.Gateway.Streams, stream => Assert.Equal((null, through), (stream.Failure, stream.StoredPosition)));
        Assert.Equal(Streams, listener.Connections.Count);
    }

    [Fact]
    public async Task Who_has_acknowledged_all_and_dies_before_it_took_the_end_is_told_the_end_again()
    {
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true, drops: static (number, heard) => number < Streams && IsEnd(heard));
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        Assert.Equal(2 * Streams, listener.Connections.Count(IsEnd));
        Assert.All(listener.Connections.Skip(Streams), heard => Assert.Empty(heard.Audio));
        Assert.All(gateway.Gateway.Streams, stream => Assert.Equal((null, 320 + 1600), (stream.Failure, stream.StoredPosition)));
    }

    [Fact]
    public async Task Who_has_acknowledged_all_and_never_takes_the_end_has_everything()
    {
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true, drops: static (_, heard) => IsEnd(heard));
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        Assert.InRange(listener.Connections.Count(IsEnd), Streams + 1, 5 * Streams);
        Assert.All(gateway.Gateway.Streams, stream => Assert.Equal((null, 320 + 1600), (stream.Failure, stream.StoredPosition)));
    }

    [Fact]
    public async Task One_that_reads_more_slowly_than_it_is_sent_to_is_waited_for()
    {
        // What lies unread in its socket when all has been sent takes it longer than a close may take.
        await using var listener = await TestListener.StartAsync(Cancel, pace: static cancelled => Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancelled));
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.CloseTimeout = TimeSpan.FromSeconds(1));

        await gateway.PushAsync(windows: 40);

        Assert.All(listener.Connections, heard => Assert.Equal(40 * 1600 * 2, heard.Audio.Count));
        Assert.Equal(Streams, listener.Connections.Count);
        Assert.All(gateway.Gateway.Streams, stream => Assert.Null(stream.Failure));
    }

    [Fact]
    public async Task One_that_accepts_and_closes_is_dialled_ever_more_rarely()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        listener.Closes = static (_, _) => 1011;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.GiveUpAfter = TimeSpan.FromSeconds(2));

        await gateway.PushAsync(windows: 1);

        // With waits of 50, 100, 200, 400 ms at the least, and so on.
        Assert.InRange(listener.Connections.Count, Streams, 8 * Streams);
        Assert.All(gateway.Gateway.Streams, stream => Assert.NotNull(stream.Failure));
    }

    [Theory]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    public async Task One_that_says_that_it_will_never_take_it_is_not_asked_again_soon(int code)
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        listener.Closes = (_, _) => code;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.GiveUpAfter = TimeSpan.FromSeconds(2));

        await gateway.PushAsync(windows: 1);

        Assert.InRange(listener.Connections.Count, Streams, 2 * Streams);
        Assert.All(gateway.Gateway.Streams, stream => Assert.Contains($"({code} it says why)", stream.Failure, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_wants_no_more_of_a_call_gets_no_more_of_it(bool byText)
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        if (byText)
            listener.Says = static heard => heard.Frames.Count == 3 ? """{"type":"stop"}""" : null;
        else
            listener.Closes = static (_, heard) => heard.Frames.Count == 3 ? 4000 : null;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.FollowAsync();
        await gateway.PublishAsync(Chunks.Call(windows: 3).Take(1));
        await listener.UntilAsync(() => listener.Connections.Count == Streams && listener.Connections.All(heard => heard.Closed is not null), Cancel);
        await gateway.PublishAsync(Chunks.Call(windows: 3).Skip(1));
        await gateway.IdleAsync();

        Assert.Equal(Streams, listener.Connections.Count);
        Assert.All(listener.Connections, heard => Assert.DoesNotContain(heard.Texts, text => text.GetProperty("type").GetString() == "end"));
        Assert.All(gateway.Gateway.Streams, stream => Assert.Null(stream.Failure));
        Assert.Equal(Streams, gateway.Log.Lines.Count(line => line.StartsWith("Information: The listener wants no more of stream", StringComparison.Ordinal)));
        Assert.True(gateway.HasNoLanes);
    }

    private static bool IsEnd(Heard heard) => heard.Texts.Count > 1 && heard.Last.GetProperty("type").GetString() == "end";
}
