using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CallMirror.AllInOne.Commands;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.EndToEnd.Tests;

/// <summary><c>run --interface lo</c> while a call goes over it.</summary>
public sealed class LiveTests : IDisposable
{
    private const string Device = "lo";

    // One to two seconds of waits, as both streams wait for one attempt.
    private const int AttemptsInVain = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _sink = new();
    private readonly TemporaryFolder _plain = new();
    private readonly LoopbackCall _call = new();
    private readonly TaskCompletionSource _capturing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        _call.Dispose();
        _sink.Dispose();
        _plain.Dispose();
    }

    [Fact]
    public async Task A_call_on_the_interface_arrives_exactly()
    {
        SkipWithoutPermission();
        using var stopping = new CancellationTokenSource(Longest);
        await using var listener = await PlainListener.StartAsync(_plain.Path);
        var run = Runs.ToListenerAsync(Live(), listener.Url, _sink.Path, stopping: stopping, capturing: _capturing);
        await IsCapturingAsync(run);

        await _call.PlayAsync(TimeSpan.FromSeconds(1.5));
        await EndedAsync(listener);
        await stopping.CancelAsync();
        var result = await run;

        Assert.Equal(0, result.ExitCode);
        Runs.AssertExact(_call.Truth, Runs.DecodedStreams(_sink.Path));
        SameFiles.Assert(_sink.Path, _plain.Path);
        for (int role = 0; role < 2; role++)
        {
            var stream = result.Report.Stream(_call.CallId, role);
            Assert.Equal((1, 1), (stream.GetProperty("duplicates").GetInt32(), stream.GetProperty("reordered").GetInt32()));
            Assert.Equal((0, 0), (stream.GetProperty("lost").GetInt32(), stream.GetProperty("late").GetInt32()));
        }
    }

    [Fact]
    public async Task A_listener_that_is_started_in_mid_call_gets_all_of_the_call()
    {
        SkipWithoutPermission();
        using var port = new ReservedPort();
        int number = port.Number;
        string url = $"ws://127.0.0.1:{number}/";
        using var run = CommandLine.StartInteractive("run", "--interface", Device, "--filter", _call.Filter, "--push", url);
        await Eventually.HoldsAsync(() => run.Errors.Contains($"capturing from {Device}", StringComparison.Ordinal), "it captures");
        Assert.Contains($"no listener at {url}: Connection refused; calls wait for it", run.Errors, StringComparison.Ordinal);

        var listening = ListenAfterAttemptsAsync();
        await _call.PlayAsync(TimeSpan.FromSeconds(1), from: listening);
        await using var listener = await listening;
        await EndedAsync(listener);
        await run.InterruptAsync();

        Assert.Equal(0, (await run.WaitAsync(Longest)).ExitCode);
        Runs.AssertExact(_call.Truth, Runs.DecodedStreams(_plain.Path));
        Assert.All(listener.Streams.Values, stream => Assert.Empty(stream.Events("gap")));
        // Said once, however often it was tried.
        Assert.Single(run.Errors.Split('\n'), line => line.Contains("has no listener: ", StringComparison.Ordinal));

        async Task<PlainListener> ListenAfterAttemptsAsync()
        {
            await Eventually.HoldsAsync(() => run.Errors.Contains("has no listener: ", StringComparison.Ordinal), "a stream has been tried");
            port.Dispose();
            using (var door = new TcpListener(IPAddress.Loopback, number))
            {
                door.Start();
                for (int knock = 0; knock < AttemptsInVain; knock++)
                    (await door.AcceptSocketAsync(TestContext.Current.CancellationToken)).Dispose();
            }

            return await PlainListener.StartAsync(_plain.Path, number);
        }
    }

    [Fact]
    public async Task A_listener_that_comes_late_gets_what_was_kept_and_the_rest_as_a_gap()
    {
        SkipWithoutPermission();
        using var stopping = new CancellationTokenSource(Longest);
        var opened = new TaskCompletionSource();
        await using var listener = await PlainListener.StartAsync(_plain.Path, opened: opened.Task);
        // Short messages fill a lane before the test gets long, if they stay short on a machine that lags.
        var run = Runs.ToListenerAsync(Live() with { Window = TimeSpan.FromMilliseconds(10), WindowGrows = false }, listener.Url, _sink.Path, stopping: stopping, capturing: _capturing);
        await IsCapturingAsync(run);

        // Whoever knocks reads no more of the lane. It holds 128 messages; 800 packets make more, also if a busy machine sends them two at a time.
        await _call.PlayAsync(TimeSpan.FromSeconds(16), from: Eventually.HoldsAsync(() => listener.Requests > 0, "the gateway knocks at the listener's door"));
        opened.SetResult();
        await EndedAsync(listener);
        await stopping.CancelAsync();

        // 0 would say that everything arrived.
        var missing = await Assert.ThrowsAsync<CommandException>(() => run);
        Assert.Contains("fell off before the listener took it", missing.Message, StringComparison.Ordinal);
        Runs.AssertExact(_call.Truth, Runs.DecodedStreams(_sink.Path));
        foreach (var (tag, stream) in listener.Streams)
            AssertWholeButForGaps(Runs.Samples(_sink[tag + ".pcm"]), Runs.Samples(_plain[tag + ".pcm"]), stream);
    }

    [Fact]
    public async Task Stopped_in_mid_call_the_files_are_finished_and_say_so()
    {
        SkipWithoutPermission();
        using var stopping = new CancellationTokenSource(Longest);
        await using var listener = await PlainListener.StartAsync(_plain.Path);
        var run = Runs.ToListenerAsync(Live(), listener.Url, _sink.Path, stopping: stopping, capturing: _capturing);
        await IsCapturingAsync(run);

        var talk = _call.PlayAsync(TimeSpan.Zero, from: run);
        await Eventually.HoldsAsync(() => listener.Samples > 2 * 8000, "half a second of both streams has come");
        await stopping.CancelAsync();
        var result = await run;
        await talk;

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("stopped", Assert.Single(result.Report.Calls).GetProperty("end_reason").GetString());
        Assert.All(listener.Streams.Values, stream => Assert.Equal("stopped", Assert.Single(stream.Events("end")).Json.GetProperty("reason").GetString()));
        SameFiles.Assert(_sink.Path, _plain.Path);
    }

    // A run that has failed says so where it is awaited.
    private async Task IsCapturingAsync(Task run) => await Task.WhenAny(run, _capturing.Task).WaitAsync(Longest, TestContext.Current.CancellationToken);

    private Input Live() => new([], Device, _call.Filter, Speed: 1);

    private static Task EndedAsync(PlainListener listener) => Eventually.HoldsAsync(() => listener.Ended.Count == 2, "both streams have ended");

    // What is missing was said to be missing, is silence, and is neither the beginning nor the end.
    private static void AssertWholeButForGaps(short[] whole, short[] heard, PlainStream stream)
    {
        Assert.Equal(whole.Length, heard.Length);
        var gaps = stream.Events("gap").Select(gap => gap.Json).ToList();
        Assert.NotEmpty(gaps);
        foreach (var gap in gaps)
        {
            int from = (int)(gap.GetProperty("position").GetInt64() - stream.Position), samples = gap.GetProperty("samples").GetInt32();
            Assert.InRange(from, 1, whole.Length - samples - 1);
            Assert.False(heard.AsSpan(from, samples).ContainsAnyExcept((short)0));
            whole.AsSpan(from, samples).Clear();
        }

        Assert.Equal(whole, heard);
    }

    private static void SkipWithoutPermission()
    {
        Assert.SkipUnless(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "the loopback interface has another name here");
        try
        {
            PcapDeviceSource.Open(Device, ringBytes: 1 << 20).Dispose();
        }
        catch (CaptureException e)
        {
            Assert.Skip(e.Message);
        }
    }
}
