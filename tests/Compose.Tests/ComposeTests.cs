using System.Runtime.InteropServices;
using System.Text.Json;

namespace CallMirror.Compose.Tests;

/// <summary>The unchanged docker-compose.yml on a real engine: what was started, what it did with real calls, and how it stopped.</summary>
public sealed class ComposeTests(ComposeRun run) : IClassFixture<ComposeRun>
{
    private const string Running = "running.json";

    // The demo plays in real time: where the machine is busy it halts and hurries, and the silence is heard where it is made.
    private const double SilenceToleranceMs = 3000;
    private static readonly string[] Services = ["capture", "sip-tracker", "transcoder", "ws-gateway", "ws-sink"];
    private static readonly string[] Shown = ["16686/tcp", "8080/tcp"];

    [Fact]
    public void Without_a_password_nothing_starts_and_the_reason_is_said()
    {
        run.Demand();

        Assert.Contains("RABBITMQ_PASSWORD is not set: choose a password and export it", File.ReadAllText(run["refused.txt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_broker_has_one_account_and_it_is_not_guest()
    {
        run.Demand();

        Assert.Equal(["user\ttags", "callmirror\t[administrator]"], File.ReadAllLines(run["users.txt"]));
    }

    [Fact]
    public void Everything_is_healthy_bounded_in_memory_and_started_again_when_it_dies()
    {
        run.Demand();
        var containers = run.Containers(Running);

        Assert.Equal(["capture", "jaeger", "rabbitmq", "sip-tracker", "transcoder", "ws-gateway", "ws-sink"], containers.Select(service => service.Key).Order());
        Assert.All(containers.SelectMany(service => service), container =>
        {
            Assert.Equal("healthy", At(container, "State", "Health", "Status").GetString());
            Assert.InRange(At(container, "HostConfig", "Memory").GetInt64(), 1 << 28, 1 << 30);
            Assert.Equal("unless-stopped", At(container, "HostConfig", "RestartPolicy", "Name").GetString());
        });
    }

    [Fact]
    public void No_service_is_root_but_capture_with_two_capabilities_on_the_hosts_network()
    {
        run.Demand();
        var containers = run.Containers(Running);

        Assert.All(Services.Except(["capture"]).Append("rabbitmq").SelectMany(service => containers[service]), container =>
        {
            Assert.DoesNotContain(At(container, "Config", "User").GetString(), (string?[])["", "0", "root"]);
            AssertCapabilities(container);
            Assert.NotEqual("host", At(container, "HostConfig", "NetworkMode").GetString());
        });
        var capture = Assert.Single(containers["capture"]);
        AssertCapabilities(capture, "NET_ADMIN", "NET_RAW");
        Assert.Equal("host", At(capture, "HostConfig", "NetworkMode").GetString());
        Assert.All(containers.SelectMany(service => service), container => Assert.False(At(container, "HostConfig", "Privileged").GetBoolean()));
    }

    [Fact]
    public void Only_what_people_look_at_is_published_beyond_this_host()
    {
        run.Demand();

        var published = run.Containers(Running).SelectMany(service => service)
            .SelectMany(container => At(container, "HostConfig", "PortBindings").EnumerateObject())
            .Where(port => port.Value.EnumerateArray().Any(binding => binding.GetProperty("HostIp").GetString() != "127.0.0.1"));

        Assert.Equal(Shown, published.Select(port => port.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_demos_call_arrives_exactly()
    {
        run.Demand();

        AssertExact(["bridge-pcma"], run["demo"]);
    }

    [Fact]
    public void With_three_transcoders_one_of_which_is_killed_in_mid_call_the_audio_is_exact()
    {
        run.Demand();

        AssertExact(["bridge-pcma", "hold-resume"], run["all"]);
        Assert.Equal(1, At(Assert.Single(run.Containers("killed.json")["transcoder"]), "RestartCount").GetInt32());
    }

    [Fact]
    public void Asked_to_stop_every_service_and_the_broker_end_with_0()
    {
        run.Demand();
        var stopped = run.Containers("stopped.json");

        Assert.Equal(3, stopped["transcoder"].Count());
        Assert.All(Services.Append("rabbitmq").SelectMany(service => stopped[service]), container =>
            Assert.Equal(("exited", 0), (At(container, "State", "Status").GetString(), At(container, "State", "ExitCode").GetInt32())));
    }

    [Fact]
    public void Telemetry_has_reached_the_receiver()
    {
        run.Demand();
        string received = File.ReadAllText(run["telemetry.txt"]);
        Assert.SkipWhen(received.Contains("<html", StringComparison.OrdinalIgnoreCase), "this is the real Jaeger, which shows its own page");

        Assert.Contains("MetricsService/Export", received, StringComparison.Ordinal);
        Assert.Contains("TraceService/Export", received, StringComparison.Ordinal);
    }

    // Each true stream is one of the files, exactly; and there is no other file. Every second sample of 16 kHz is a decoded one.
    private static void AssertExact(IEnumerable<string> samples, string folder)
    {
        var truth = samples.SelectMany(sample => GroundTruth.Read(Path.Combine(TestData.Root, "samples", sample + ".pcap"))).ToList();
        var left = Directory.GetFiles(folder, "*.pcm").ToDictionary(file => Path.GetFileName(file), EverySecondSample);
        foreach (var stream in truth)
        {
            var faults = left.Select(file => (file.Key, Fault: Exactness.Fault(stream, file.Value, SilenceToleranceMs))).ToList();
            string? match = faults.FirstOrDefault(file => file.Fault is null).Key;
            Assert.True(match is not null, $"{stream.Source} {stream.Ssrc:x8} is in none of the files:\n{string.Join("\n", faults)}");
            left.Remove(match);
        }

        Assert.Empty(left.Keys);
    }

    private static short[] EverySecondSample(string file) =>
        [.. MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(file)).ToArray().Where((_, i) => i % 2 == 0)];

    // All of them are taken away, and these given.
    private static void AssertCapabilities(JsonElement container, params string[] given)
    {
        Assert.Equal(["ALL"], Names(container, "CapDrop"));
        Assert.Equal(given, Names(container, "CapAdd"));
    }

    private static string[] Names(JsonElement container, string list) =>
        At(container, "HostConfig", list) is { ValueKind: JsonValueKind.Array } names ? [.. names.EnumerateArray().Select(name => name.GetString()!).Order()] : [];

    private static JsonElement At(JsonElement element, params string[] path) => path.Aggregate(element, (inner, name) => inner.GetProperty(name));
}
