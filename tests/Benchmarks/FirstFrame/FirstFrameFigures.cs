using System.Diagnostics;
using System.Globalization;
using CallMirror.Capture.Synthetic;
using CallMirror.TestKit.Broker;

namespace CallMirror.Benchmarks.FirstFrame;

/// <summary>
/// Measures how long the first frame takes where twenty calls begin within one second in a process that has seen none before: from the time that the first RTP packet of a
/// stream is sent on the loopback interface to the first binary frame at a listener. Embedded, or the five services over a RabbitMQ of its own.
/// </summary>
/// <remarks><c>dotnet run -c Release --project tests/Benchmarks -- first-frame embedded|broker [RUNS] [CALLMIRROR.DLL]</c>; needs root.</remarks>
internal static class FirstFrameFigures
{
    private const int Calls = 20;
    private const string Device = "lo";
    private const string Filter = "net 10.1.0.0/16 or net 10.2.0.0/16";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan FrameLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Prints a line a run, and one of all.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [("embedded" or "broker") and var shape, ..])
            throw new ArgumentException("say embedded or broker");
        int runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
        string program = args.Length > 2 ? args[2] : Path.Combine(AppContext.BaseDirectory, "callmirror.dll");
        await using var broker = shape == "broker" ? await RabbitMqBroker.StartAsync(CancellationToken.None) : null;
        List<double> all = [];
        for (int run = 1; run <= runs; run++)
        {
            var (ready, latencies) = await MeasureAsync(program, broker?.Uri);
            all.AddRange(latencies);
            Print($"run {run}, up after {ready.TotalSeconds:0.0} s", latencies);
        }

        Print($"{shape}, {runs} runs", all);
        return 0;
    }

    private static async Task<(TimeSpan Ready, List<double> Latencies)> MeasureAsync(string program, string? broker)
    {
        await using var listener = await FirstFrameListener.StartAsync();
        string[] shape = broker is null ? ["run"] : ["up", "--broker", broker];
        var folder = Directory.CreateTempSubdirectory("callmirror-first-frame-");
        long begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [program, .. shape, "--interface", Device, "--filter", Filter, "--push", listener.Url.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.FullName,
        })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput, ready), ReadAsync(process.StandardError, ready));
        await ready.Task.WaitAsync(ReadyLimit);
        var took = Stopwatch.GetElapsedTime(begun);
        var calls = new FirstFrameCalls(Calls);
        await calls.PlayAsync(Device);
        var latencies = await LatenciesAsync(calls, listener);
        await StopAsync(process);
        await reading;
        folder.Delete(recursive: true);
        return (took, latencies);
    }

    // A stream that never came counts as one that took too long to be waited for.
    private static async Task<List<double>> LatenciesAsync(FirstFrameCalls calls, FirstFrameListener listener)
    {
        long begun = Stopwatch.GetTimestamp();
        List<double> latencies = [];
        for (int stream = 0; stream < 2 * Calls; stream++)
        {
            var (call, role) = (stream / 2, stream % 2);
            long? at;
            while ((at = listener.FirstOf(LoadCall.IdOf(call), role)) is null && Stopwatch.GetElapsedTime(begun) < FrameLimit)
                await Task.Delay(Poll, TimeProvider.System);
            latencies.Add(at is null ? FrameLimit.TotalMilliseconds : TimeSpan.FromTicks(at.Value - calls.FirstSent(call, role)).TotalMilliseconds);
        }

        return latencies;
    }

    private static async Task StopAsync(Process process)
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync().WaitAsync(StopLimit);
    }

    private static async Task ReadAsync(StreamReader from, TaskCompletionSource ready)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("capturing from", StringComparison.Ordinal) || line.StartsWith("up: capturing from", StringComparison.Ordinal))
                ready.TrySetResult();
            else if (Environment.GetEnvironmentVariable("CALLMIRROR_LOUD") is not null)
                Console.WriteLine($"  {line}");
        }

        // Where it has ended without, that is what should be said.
        ready.TrySetException(new InvalidOperationException("it has ended before it was up"));
    }

    private static void Print(string what, List<double> latencies)
    {
        latencies = [.. latencies.Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: first frame of {latencies.Count} streams p50 {At(0.5):0}, p99 {At(0.99):0}, max {latencies[^1]:0} ms"));

        double At(double share) => latencies[(int)Math.Ceiling(latencies.Count * share) - 1];
    }
}
