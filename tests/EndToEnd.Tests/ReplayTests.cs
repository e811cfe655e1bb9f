using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.EndToEnd.Tests;

/// <summary><c>replay</c> onto the loopback interface.</summary>
public sealed class ReplayTests
{
    private const int HardwareAddresses = 12;

    [Fact]
    public async Task Every_frame_of_a_capture_is_on_the_interface_once_in_order_and_for_nobody()
    {
        string capture = TestData.Capture("dtmf");
        using var source = Open(filter: "ether host 02:43:4d:00:00:01");

        var result = await CommandLine.RunAsync("replay", "--pcap", capture, "--interface", "lo", "--speed", "max");

        Assert.Equal((0, ""), (result.ExitCode, result.Output));
        Assert.Equal(PcapReader.Read(capture).Select(record => Hex(record.Frame)), Frames(source));
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_a_sentence() =>
        Assert.Contains("nosuch0", (await CommandLine.RunAsync("replay", "--pcap", TestData.Capture("dtmf"), "--interface", "nosuch0")).AssertFailed(), StringComparison.Ordinal);

    [Fact]
    public async Task A_capture_without_ethernet_is_a_sentence()
    {
        Open(filter: null).Dispose();

        var result = await CommandLine.RunAsync("replay", "--pcap", TestData.Capture("linktype-any"), "--interface", "lo");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("callmirror: only captures of Ethernet frames can be replayed", result.ErrorLines);
    }

    private static PcapDeviceSource Open(string? filter)
    {
        try
        {
            return PcapDeviceSource.Open("lo", ringBytes: 16 << 20, filter);
        }
        catch (CaptureException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    // What was sent is in the ring, or comes with the block that the kernel hands over within 10 ms.
    private static List<string> Frames(PcapDeviceSource source)
    {
        List<string> frames = [];
        long quietSince = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(quietSince) < TimeSpan.FromMilliseconds(500))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (source.TryRead(out var packet) != SourceStatus.Packet)
                continue;
            frames.Add(Hex(packet.Frame));
            quietSince = TimeProvider.System.GetTimestamp();
        }

        return frames;
    }

    private static string Hex(ReadOnlySpan<byte> frame) => Convert.ToHexString(frame[HardwareAddresses..]);
}
