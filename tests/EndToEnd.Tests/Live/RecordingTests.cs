using CallMirror.EndToEnd.Tests.Distributed;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>What live output is held against must be what the capture has seen.</summary>
[Collection(OneAtATime.Name)]
public sealed class RecordingTests
{
    [Fact]
    public async Task Two_that_listen_are_given_the_same_packets_with_the_same_times()
    {
        using var folder = new TemporaryFolder();
        await using var network = await NetworkNamespace.WithCableAsync();
        await using var first = await Recording.StartAsync(network, folder["first.pcap"]);
        await using var second = await Recording.StartAsync(network, folder["second.pcap"]);

        int sent = await Replay.PlayAsync(network, TestData.Capture("shared-media-address"));
        await Eventually.HoldsAsync(() => first.Frames >= sent && second.Frames >= sent, "all frames are recorded");
        await first.StopAsync();
        await second.StopAsync();

        Assert.Equal(sent, first.Frames);
        Assert.Equal(File.ReadAllBytes(folder["first.pcap"]), File.ReadAllBytes(folder["second.pcap"]));
    }
}
