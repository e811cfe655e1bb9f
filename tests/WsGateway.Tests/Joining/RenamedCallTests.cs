using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Calls;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>A call that was found by its media gets its name while somebody joins it.</summary>
public sealed class RenamedCallTests
{
    [Fact]
    public async Task The_first_to_join_knows_the_name_that_came_between_its_look_at_the_call_and_its_seat()
    {
        await using var host = await JoinHost.StartAsync();
        Assert.True(host.Directory.TryFind(Chunks.CallId, out var call));
        var named = GatewayUnderTest.Negotiated() with { SipCallId = "late@phone" };
        host.Directory.Apply(named);
        host.Taps.Rename(named);

        Assert.True(host.Taps.TryJoin(call, role: 0, out var seat, out _));

        using (seat)
            Assert.Equal("late@phone", seat.Name?.CallId);
    }
}
