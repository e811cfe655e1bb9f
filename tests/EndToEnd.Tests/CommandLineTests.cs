namespace CallMirror.EndToEnd.Tests;

/// <summary>Whatever is wrong is said in one sentence, with an exit code that a script can see.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // What is read.
    [InlineData("run --pcap {missing}", "missing does not exist")]
    [InlineData("run --pcap {text}", "is not a capture")]
    [InlineData("run --pcap {folder}", "is a folder")]
    [InlineData("run --pcap {empty}", "is not a capture")]
    [InlineData("run --pcap {capture} {missing}", "missing does not exist")]
    [InlineData("run --interface nosuch0", "no interface nosuch0")]
    [InlineData("run --pcap {capture} --filter gibberish(", "filter")]
    [InlineData("extract --pcap {missing} --out {new}", "missing does not exist")]
    [InlineData("extract --pcap {text} --out {new}", "is not a capture")]
    [InlineData("decode {missing} {new}", "missing does not exist")]
    [InlineData("decode {folder} {new}", "is a folder")]
    [InlineData("push {missing} --url ws://127.0.0.1:1", "missing does not exist")]
    [InlineData("push {odd} --url ws://127.0.0.1:1", "odd number of bytes")]
    // Where it goes to.
    [InlineData("run --pcap {capture} --push ws://127.0.0.1:1/x", "no listener at ws://127.0.0.1:1/x")]
    [InlineData("run --pcap {capture} --push http://127.0.0.1:1/", "WebSocket URL")]
    [InlineData("run --pcap {capture} --push nonsense", "WebSocket URL")]
    [InlineData("run --pcap {capture} --push ws://name:secret@127.0.0.1/", "user name")]
    [InlineData("run --pcap {capture} --push ws://127.0.0.1:1 --header nonsense", "header")]
    [InlineData("push {pcm} --url ws://127.0.0.1:1", "no listener at ws://127.0.0.1:1")]
    [InlineData("push {pcm} --url ftp://127.0.0.1", "WebSocket URL")]
    [InlineData("run --pcap {capture} --sink {text}", "is a file, not a folder")]
    [InlineData("run --pcap {capture} --sink /proc/nosuch", "/proc/nosuch can't be written to")]
    [InlineData("extract --pcap {capture} --out {text}", "is a file, not a folder")]
    [InlineData("sink --port 0 --page-port 0 --dir {text}", "is a file, not a folder")]
    [InlineData("sink --port 0 --page-port 0 --dir {new} --host nowhere", "IP address")]
    [InlineData("sink --port 0 --page-port 0 --dir {new} --host 203.0.113.1", "assign")]
    [InlineData("sink --port 99999 --dir {new}", "65535")]
    [InlineData("decode {odd} {folder}", "is a folder")]
    [InlineData("decode {odd} {folder}/nosuch/out.pcm", "can't be written")]
    // What is asked for.
    [InlineData("run", "--pcap FILE... or --interface IF")]
    [InlineData("run --pcap {capture} --interface lo", "not both")]
    [InlineData("run --pcap {capture} --speed fast", "\"fast\" is not a speed")]
    [InlineData("run --pcap {capture} --speed 0", "\"0\" is not a speed")]
    [InlineData("run --pcap {capture} --window 5", "window of 5 ms")]
    [InlineData("run --pcap {capture} --window wide", "\"wide\" is not a whole number")]
    [InlineData("run --pcap {capture} --rate 44100", "44100 samples a second")]
    [InlineData("run --pcap {capture} --http 8091", "\"8091\" is nothing to serve at; say an IP address and a port, such as 127.0.0.1:8091")]
    [InlineData("run --pcap {capture} --http 127.0.0.1", "is nothing to serve at")]
    [InlineData("run --pcap {capture} --http 127.0.0.1:70000", "is nothing to serve at")]
    [InlineData("run --pcap {capture} --http ::1:8091", "is nothing to serve at")]
    [InlineData("run --pcap {capture} --http pbx.example:8091", "is nothing to serve at")]
    [InlineData("run --pcap {capture} --sink {new} --http 203.0.113.1:0", "assign")]
    [InlineData("run --pcap {capture} --sinc {new}", "--sinc")]
    [InlineData("run --pcap", "--pcap")]
    [InlineData("push {pcm}", "--url")]
    [InlineData("decode {odd} {new} --codec opus", "opus")]
    [InlineData("load --calls 0", "0 calls are not possible")]
    [InlineData("load --calls 5 --seconds 3 --ramp 4", "a ramp of 4 s is not possible")]
    [InlineData("load --broker http://x/", "--broker must look like amqp://")]
    [InlineData("load --broker amqp://127.0.0.1:1/", "RabbitMQ at 127.0.0.1:1 can't be reached")]
    [InlineData("load --chart /proc/nosuch/load.svg", "can't be written")]
    [InlineData("fetch", "\"fetch\" is not understood")]
    public async Task What_is_wrong_is_said_in_one_sentence(string command, string sentence)
    {
        await File.WriteAllTextAsync(_folder["text"], "no capture\n", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["empty"], [], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["odd"], new byte[161], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["pcm"], new byte[640], TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync(Arguments(command));

        Assert.Contains(sentence, result.AssertFailed(), StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["new"]) && Directory.GetFiles(_folder.Path, "*.pcm").Length > 0);
    }

    [Fact]
    public async Task A_sink_whose_port_is_taken_says_so()
    {
        await using var other = await PlainListener.StartAsync(_folder.Path);

        var result = await CommandLine.RunAsync("sink", "--port", $"{other.Url.Port}", "--page-port", "0", "--dir", _folder["sink"]);

        Assert.Contains("address already in use", result.AssertFailed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_capture_that_may_not_be_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have no modes there");
        string capture = _folder["closed.pcap"];
        File.Copy(TestData.Capture("bridge-pcma"), capture);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(capture, UnixFileMode.None);
        string[] command = ["run", "--pcap", capture, "--sink", _folder["sink"]];

        // Root reads whatever it likes.
        if (Environment.IsPrivilegedProcess)
            await OpenFolderToOthersAsync();
        var result = Environment.IsPrivilegedProcess ? await CommandLine.RunUnprivilegedAsync(command) : await CommandLine.RunAsync(command);

        Assert.Contains($"{capture} can't be read: ", result.AssertFailed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capture_without_permission_says_what_it_needs()
    {
        await OpenFolderToOthersAsync();

        var result = await CommandLine.RunUnprivilegedAsync("run", "--interface", "lo", "--sink", _folder["sink"]);

        Assert.Contains("CAP_NET_RAW", result.AssertFailed(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_truncated_capture_all_audio_up_to_there_is_kept()
    {
        byte[] whole = await File.ReadAllBytesAsync(TestData.Capture("bridge-pcma"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["cut.pcap"], whole[..(whole.Length / 3)], TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync("run", "--pcap", _folder["cut.pcap"], "--speed", "max", "--sink", _folder["sink"], "--json");

        Assert.Contains("cut.pcap is damaged after ", result.AssertFailed(), StringComparison.Ordinal);
        var truth = GroundTruth.Read(_folder["cut.pcap"]);
        Assert.Equal(4, truth.Count);
        Runs.AssertExact(truth, Runs.DecodedStreams(_folder["sink"]));
        Assert.All(Sidecar.ReadAll(_folder["sink"]).Values, call => Assert.All(call.Streams, stream => Assert.Equal("end-of-capture", stream.GetProperty("end_reason").GetString())));
        Assert.Equal(2, Report.Parse(result.Output).Calls.Count);
    }

    [Theory]
    [InlineData("", "run demo sink extract decode push devices version")]
    [InlineData("run", "--pcap --interface --filter --speed --window --push --header --bearer --sink --rate --http --json --verbose")]
    [InlineData("up", "--broker --pcap --interface --filter --speed --push --header --bearer --sink --transcoders --gateways")]
    [InlineData("demo", "--speed --exit --page-port --dir")]
    [InlineData("sink", "--port --page-port --host --dir")]
    [InlineData("extract", "--pcap --out --filter --json")]
    [InlineData("decode", "<in> <out> --codec --rate")]
    [InlineData("push", "<file> --url --rate --speed --header --bearer")]
    [InlineData("devices", "interfaces")]
    [InlineData("version", "this")]
    public async Task Every_verb_explains_itself(string verb, string words)
    {
        var result = await CommandLine.RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Errors);
        Assert.All(words.Split(' '), word => Assert.Contains(word, result.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("System.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_verb_it_explains_itself_and_fails()
    {
        var result = await CommandLine.RunAsync();

        result.AssertFailed();
        Assert.Contains("extract", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_says_what_this_is_and_devices_what_there_is_to_capture()
    {
        var (version, devices) = (await CommandLine.RunAsync("version"), await CommandLine.RunAsync("devices"));

        Assert.Equal((0, 0), (version.ExitCode, devices.ExitCode));
        Assert.StartsWith("CallMirror ", version.Output, StringComparison.Ordinal);
        Assert.Contains("libpcap", version.Output, StringComparison.Ordinal);
        Assert.Contains(devices.OutputLines, line => line.Contains(" lo ", StringComparison.Ordinal));
    }

    private async Task OpenFolderToOthersAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root can become somebody who may do nothing special");
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "setpriv is not installed");
        Assert.SkipUnless((await CommandLine.RunUnprivilegedAsync("version")).ExitCode == 0, "others may not read the folder of the tests");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
    }

    private string[] Arguments(string command) =>
    [
        .. command.Split(' ').Select(word => word
            .Replace("{folder}", _folder.Path, StringComparison.Ordinal)
            .Replace("{capture}", TestData.Capture("busy"), StringComparison.Ordinal)
            .Replace("{", _folder.Path + "/", StringComparison.Ordinal)
            .Replace("}", "", StringComparison.Ordinal)),
    ];
}
