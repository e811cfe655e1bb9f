using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CallMirror.Messaging.Tests.InProcess;

public sealed class ServicesTests
{
    [Theory]
    [InlineData(WhenFull.Wait, 8)]
    [InlineData(WhenFull.DropOldest, 128)]
    public async Task A_lane_is_short_where_its_publisher_waits_and_outlasts_a_reconnect_where_it_can_not(WhenFull whenFull, int length)
    {
        await using var services = new ServiceCollection().AddInProcessMediaBus(whenFull).BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<InProcessMediaOptions>>().Value;
        Assert.Equal((whenFull, length), (options.WhenFull, options.LaneLength));
        Assert.Same(services.GetRequiredService<InProcessMediaBus>(), services.GetRequiredService<IMediaBus>());
    }

    [Fact]
    public async Task Bounds_that_are_none_are_refused_and_named()
    {
        await using var services = new ServiceCollection().AddInProcessMediaBus(WhenFull.Wait).Configure<InProcessMediaOptions>(options => options.LaneLength = 0).BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(services.GetRequiredService<InProcessMediaBus>);
        Assert.Contains(nameof(InProcessMediaOptions.LaneLength), error.Message, StringComparison.Ordinal);
    }
}
