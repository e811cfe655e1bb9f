using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Connections;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Calls;

/// <summary>Calls are announced by their offer, and many are never answered: a session that never has audio troubles no listener, and goes with its call.</summary>
public sealed class CallWithoutAudioTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_is_put_on_hold_and_ends_before_any_audio_dials_nobody()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        await gateway.FollowAsync();

        var hold = new MediaMark { Kind = MarkKind.Hold, Position = 300, Code = 1 };
        await gateway.PublishAsync([Chunks.Write(0, 0, [new Section(0, -1) { Marks = [hold] }, new Section(1, -1) { Marks = [hold] }]), End(1)]);
        await gateway.IdleAsync();

        Assert.Empty(listener.Connections);
        Assert.Empty(gateway.Gateway.Streams);
        Assert.True(gateway.HasNoLanes);
    }

    [Fact]
    public async Task A_thousand_calls_that_are_refused_leave_no_session_and_no_lane()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        var bus = gateway.Services.GetRequiredService<IBus>();
        for (int i = 0; i < 1000; i++)
        {
            string call = $"refused-{i}";
            await gateway.Bus.OpenLaneAsync(gateway.Gateway.Group, Chunks.KeyOf(call), Cancel);
            await bus.Publish(GatewayUnderTest.Negotiated(call), Cancel);
            await bus.Publish(new CallEnded { CallId = call, StartedAt = Chunks.StartedAt, At = Chunks.StartedAt, Reason = EndReason.Failed }, Cancel);
            await gateway.PublishAsync([End(0, call)], call);
        }

        await gateway.Bus.WhenNoLanesAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await gateway.IdleAsync();

        Assert.Equal(0, gateway.Gateway.CallCount);
        Assert.Empty(gateway.Gateway.Streams);
        Assert.Empty(listener.Connections);
    }

    // As capture ends a call of which it has heard nothing.
    private static MediaBuffer End(uint sequence, string callId = Chunks.CallId) => Chunks.Write(
        sequence, 0, [new Section(0, -1) { Marks = [Chunks.End(0, EndReason.Failed)] }, new Section(1, -1) { Marks = [Chunks.End(0, EndReason.Failed)] }], callId: callId);
}
