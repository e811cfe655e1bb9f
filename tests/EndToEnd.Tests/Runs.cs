using System.Runtime.InteropServices;
using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Embedded;
using CallMirror.AllInOne.Reporting;
using Microsoft.Extensions.Logging;

namespace CallMirror.EndToEnd.Tests;

/// <summary>Runs the whole job in this process, over real WebSockets into the project's own sink.</summary>
internal static class Runs
{
    // That audio can't be decoded, or a listener goes away, is what some tests are about.
    private const LogLevel Quiet = LogLevel.Error;

    /// <summary>As fast as can be.</summary>
    public static Input Capture(string name) => new([TestData.Capture(name)], Device: null, Filter: null, Speed: null);

    /// <summary>Into a sink of the run's own.</summary>
    public static Task<RunResult> ToSinkAsync(Input input, string folder, int rate = 16000) =>
        ExecuteAsync(output => new Run { Input = input, SinkFolder = folder, Rate = rate, Json = true, Output = output, LogLevel = Quiet });

    /// <summary>To a listener, and where a folder is named into a sink of the run's own too.</summary>
    public static Task<RunResult> ToListenerAsync(Input input, Uri url, string? sinkFolder = null, string? bearerToken = null, CancellationTokenSource? stopping = null,
        TaskCompletionSource? capturing = null) =>
        ExecuteAsync(
            output => new Run
            {
                Input = input,
                Push = new Listener(Run.PushGroup, url, [], bearerToken),
                SinkFolder = sinkFolder,
                Json = true,
                Output = output,
                LogLevel = Quiet,
            },
            capturing,
            stopping?.Token ?? CancellationToken.None);

    /// <summary>The L16 of a file.</summary>
    public static short[] Samples(string path) => MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(path)).ToArray();

    /// <summary>Every second sample: of 16 kHz audio, what was decoded.</summary>
    public static short[] Even(short[] samples)
    {
        var even = new short[(samples.Length + 1) / 2];
        for (int i = 0; i < even.Length; i++)
            even[i] = samples[2 * i];
        return even;
    }

    /// <summary>All .pcm files of a folder by name, at 8 kHz.</summary>
    public static Dictionary<string, short[]> DecodedStreams(string folder, int rate = 16000) => Directory.GetFiles(folder, "*.pcm")
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => rate == 16000 ? Even(Samples(path)) : Samples(path));

    private static async Task<RunResult> ExecuteAsync(Func<CommandOutput, Run> run, TaskCompletionSource? capturing = null, CancellationToken stopping = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        await using var notes = new Notes(capturing);
        int exitCode = await run(new CommandOutput(output, notes)).ExecuteAsync(either.Token);
        return new RunResult(exitCode, Report.Parse(output.ToString()));
    }

    /// <summary>Each true stream is one of the outputs, exactly; and there is no other output.</summary>
    public static void AssertExact(IReadOnlyList<TrueStream> truth, Dictionary<string, short[]> outputs)
    {
        var left = new Dictionary<string, short[]>(outputs);
        foreach (var stream in truth)
        {
            var faults = left.Select(output => (output.Key, Fault: Exactness.Fault(stream, output.Value))).ToList();
            var match = faults.FirstOrDefault(output => output.Fault is null);
            Assert.True(match.Key is not null, $"{stream.Source} {stream.Ssrc:x8} is in none of the outputs:\n{string.Join("\n", faults)}");
            left.Remove(match.Key);
        }

        Assert.Empty(left.Keys);
    }

    /// <summary>Sees when a live run says that it captures: what is sent before is nobody's.</summary>
    private sealed class Notes(TaskCompletionSource? capturing) : StringWriter
    {
        public override Task WriteLineAsync(string? value)
        {
            if (value?.StartsWith("capturing from", StringComparison.Ordinal) == true)
                capturing?.TrySetResult();
            return Task.CompletedTask;
        }
    }
}

/// <summary>How a run ended, and what it said with <c>--json</c>.</summary>
internal sealed record RunResult(int ExitCode, Report Report);
