using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace CallMirror.EndToEnd.Tests;

/// <summary>Joining a call of the embedded shape: <c>run --listen</c>.</summary>
public sealed partial class JoinTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_listener_that_joins_hears_both_roles_up_to_the_end_as_the_sink_has_them()
    {
        using var command = CommandLine.StartInteractive("run", "--pcap", TestData.Capture("bridge-pcma"), "--sink", _folder.Path, "--listen", "0");
        await Eventually.HoldsAsync(() => Address().IsMatch(command.Errors), "it says where calls can be joined");
        var calls = new Uri(Address().Match(command.Errors).Groups[1].Value);
        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(_folder.Path) > 16_000, "audio is stored");
        var call = (await JoinedCall.ListAsync(calls))[0];

        await using var joined = await JoinedCall.JoinAsync(calls, call.GetProperty("stereo_path").GetString()!);

        await joined.EndAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, joined.Closed);
        Assert.Equal(0, (await command.WaitAsync(TimeSpan.FromSeconds(40))).ExitCode);
        var stored = Sidecar.ReadAll(_folder.Path)[call.GetProperty("call_id").GetString()!];
        var whole = Wav.Read(_folder[stored.Text("stereo_wav")!]).Samples;
        long first = stored.Json.GetProperty("first_position").GetInt64();
        Assert.InRange(joined.Samples.Length, 2 * 16_000, whole.Length);
        Assert.Equal(whole[(int)(2 * (joined.Position - first))..], joined.Samples);
        Assert.Equal("start", joined.Types.First());
        Assert.Equal("end", joined.Types.Last());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_a_sentence()
    {
        using var port = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        port.Start();
        int number = ((System.Net.IPEndPoint)port.LocalEndpoint).Port;
        var result = await CommandLine.RunAsync("run", "--pcap", TestData.Capture("pcmu"), "--speed", "max", "--sink", _folder.Path, "--listen", $"{number}");
        Assert.Contains($"{number}", result.AssertFailed(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"running calls can be joined at (http://\S+)")]
    private static partial Regex Address();
}
