using System.Net.WebSockets;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Connections;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>A listener that reads too slowly loses audio, exactly told; one that reads nothing loses its seat; nobody else notices.</summary>
public sealed class SlowListenerTests
{
    private const int Burst = 40;
    private const int Windows = 15 * Burst;

    [Theory]
    [InlineData("0", 1)]
    [InlineData("stereo", 2)]
    public async Task What_falls_off_is_a_gap_of_its_exact_size_and_the_others_hear_everything(string role, int channels)
    {
        await using var host = await JoinHost.StartAsync(options => options.ListenKeep = TimeSpan.FromSeconds(6));
        await using var quick = await host.JoinAsync("0");
        await using var slow = await host.JoinAsync(role, isSlow: true);

        await PublishAllAsync(host, quick);
        slow.Read();
        await host.EndAsync();

        Assert.Equal(Pcm.Bytes(0, 0, Windows * Chunks.Window), (await quick.EndAsync()).Audio);
        Assert.Equal(2, quick.Heard.Texts.Count);
        var heard = await slow.EndAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, heard.Closed);
        Assert.Equal(Windows * Chunks.Window * 2 * channels, heard.Audio.Count);
        Assert.Equal(host.Counts["callmirror.gateway.join.samples.lost slow-listener"], AssertExact(heard, channels));
    }

    [Fact]
    public async Task One_that_reads_nothing_must_go_and_hears_why_when_it_reads_again()
    {
        await using var host = await JoinHost.StartAsync(options => (options.ListenKeep, options.ListenTimeout) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)));
        await using var quick = await host.JoinAsync("0");
        await using var stuck = await host.JoinAsync("0", isSlow: true);
        await PublishAllAsync(host, quick);

        await Eventually.HoldsAsync(() => host.Taps.ListenersOf(Chunks.Key) == 1, "its seat is free");
        stuck.Read();

        var heard = await stuck.EndAsync();
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "too-slow: nothing was read for 1 s"), (heard.Closed, stuck.CloseReason));
        await Eventually.HoldsAsync(() => host.Counts["callmirror.gateway.join.left too-slow"] == 1, "it is counted");
    }

    // In bursts that the quick listener has heard before the next comes.
    private static async Task PublishAllAsync(JoinHost host, JoinClient quick)
    {
        for (int done = Burst; done <= Windows; done += Burst)
        {
            await host.PublishAsync(Burst);
            await Eventually.HoldsAsync(() => quick.AudioBytes == done * Chunks.Window * 2, "the quick one has heard it");
        }
    }

    // Silence where a gap was told, what was said everywhere else.
    private static long AssertExact(Heard heard, int channels)
    {
        var gaps = heard.Texts.Where(text => text.GetProperty("type").GetString() == "gap")
            .Select(text => (From: (int)text.GetProperty("position").GetInt64(), Samples: (int)text.GetProperty("samples").GetInt64())).ToList();
        Assert.NotEmpty(gaps);
        byte[] expected = channels == 1 ? Pcm.Bytes(0, 0, Windows * Chunks.Window) : StereoMixTests.Interleaved(0, Windows * Chunks.Window);
        foreach (var (from, samples) in gaps)
            expected.AsSpan(from * 2 * channels, samples * 2 * channels).Clear();
        Assert.Equal(expected, heard.Audio);
        return gaps.Sum(gap => gap.Samples);
    }
}
