using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using CallMirror.TestKit;
using CallMirror.TestKit.Load;

namespace CallMirror.Benchmarks.Pipeline;

/// <summary>
/// Measures whole commands as processes: <c>extract</c> and <c>run --speed max</c> of a capture of many calls. CPU time and memory are the
/// operating system's own figures of each process, as last seen up to 10 ms before it ended.
/// </summary>
/// <remarks><c>dotnet run -c Release --project tests/Benchmarks -- pipeline [CALLS SECONDS [FOLDER]]</c></remarks>
internal static class PipelineFigures
{
    private const int Runs = 5;
    private const int LookMilliseconds = 10;

    /// <summary>Prints a line a run, and the median.</summary>
    public static int Run(string[] args)
    {
        var (calls, seconds) = args.Length >= 2 ? (Number(args[0]), Number(args[1])) : (500, 30);
        string folder = Directory.CreateDirectory(args.Length >= 3 ? args[2] : Path.Combine(Path.GetTempPath(), "callmirror-pipeline")).FullName;
        string capture = Path.Combine(folder, $"load-{calls}x{seconds}.pcap");
        Console.WriteLine($"{calls} calls of {seconds} s: {LoadCapture.Write(capture, Plan(calls, seconds))} packets, {new FileInfo(capture).Length / 1e6:0} MB");
        try
        {
            double callSeconds = (double)calls * seconds;
            Measure("extract", callSeconds, folder, output => ["extract", "--pcap", capture, "--out", output, "--json"]);
            Measure("run", callSeconds, folder, output => ["run", "--pcap", capture, "--sink", output, "--speed", "max", "--json"]);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LoadPlan Plan(int calls, int seconds)
    {
        byte[][] speech = Voice.Speech();
        return new LoadPlan(calls, seconds, TimeSpan.FromSeconds(1), (call, role, packet) => speech[((role == 0 ? call : call * 7) + packet) % speech.Length]);
    }

    private static void Measure(string name, double callSeconds, string folder, Func<string, string[]> arguments)
    {
        List<Figures> figures = [];
        for (int i = 0; i <= Runs; i++)
        {
            string output = Path.Combine(folder, $"{name}-{i}");
            var measured = Execute(arguments(output));
            // Gigabytes each: on a file system in memory, six of them would not fit.
            Directory.Delete(output, recursive: true);
            if (i > 0)
                figures.Add(measured);
            Console.WriteLine($"  {name} {(i == 0 ? "(warm-up)" : $"{i}")}: {measured.Describe(callSeconds)}");
        }

        Console.WriteLine($"{name}, median: {figures.OrderBy(run => run.WallSeconds).ElementAt(Runs / 2).Describe(callSeconds)}");
    }

    private static Figures Execute(string[] arguments)
    {
        // The launcher becomes the program: what is measured is what a user starts.
        var start = new ProcessStartInfo(Path.Combine(TestData.Root, "callmirror")) { RedirectStandardOutput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        long begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var (cpu, peak) = (TimeSpan.Zero, 0L);
        while (!process.WaitForExit(LookMilliseconds))
            Look(process, ref cpu, ref peak);
        var wall = Stopwatch.GetElapsedTime(begun);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}");
        return new Figures(wall.TotalSeconds, cpu.TotalSeconds, peak);
    }

    private static void Look(Process process, ref TimeSpan cpu, ref long peak)
    {
        try
        {
            process.Refresh();
            (cpu, peak) = (process.TotalProcessorTime, Math.Max(peak, process.PeakWorkingSet64));
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended between the wait and the look: what was seen before stands.
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private readonly record struct Figures(double WallSeconds, double CpuSeconds, long PeakBytes)
    {
        public string Describe(double callSeconds) => string.Create(
            CultureInfo.InvariantCulture,
            $"{WallSeconds:0.00} s, {CpuSeconds:0.00} CPU-s, {PeakBytes / 1e6:0} MB; {callSeconds / WallSeconds:0} call-seconds a second, {callSeconds / CpuSeconds:0} a CPU-second");
    }
}
