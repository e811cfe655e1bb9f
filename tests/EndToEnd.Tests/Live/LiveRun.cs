using System.Diagnostics;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary><c>callmirror run --interface</c> as a cold process of its own, in a namespace.</summary>
internal sealed class LiveRun : ILiveShape
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "callmirror.dll");
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(40);

    // As timeout(1) says it.
    private const int NotStopped = 124;

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private volatile bool _isCapturing;

    private LiveRun(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _errors = ReadErrorsAsync(process.StandardError);
    }

    /// <summary>Starts it, and waits until it and whoever else there is listen on the interface.</summary>
    public static Task<LiveRun> StartAsync(NetworkNamespace inside, string sink, int listeners, TimeSpan answerDelay = default) =>
        StartAsync(inside.Exec, NetworkNamespace.Far, sink, answerDelay, run => PacketSockets.Running(run._process.Id) >= listeners);

    /// <summary>The same on an interface of the network of this process.</summary>
    public static Task<LiveRun> StartHereAsync(string device, string sink, int listeners) =>
        StartAsync([], device, sink, TimeSpan.Zero, run => PacketSockets.Running(run._process.Id, device) >= listeners);

    /// <summary>Ctrl-C, and all that follows from it.</summary>
    public async Task<CommandResult> StopAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        int exitCode = _process.HasExited ? _process.ExitCode : NotStopped;
        // What it has said so far tells more than that it was waited for.
        Kill();
        return new CommandResult(exitCode, await _output, await _errors);
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    private async Task<string> ReadErrorsAsync(StreamReader errors)
    {
        var said = new System.Text.StringBuilder();
        while (await errors.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (line.Contains("capturing from", StringComparison.Ordinal))
                _isCapturing = true;
            said.AppendLine(line);
        }

        return said.ToString();
    }

    private static async Task<LiveRun> StartAsync(string[] exec, string device, string sink, TimeSpan answerDelay, Func<LiveRun, bool> isRunning)
    {
        string[] command =
        [
            "--default-signal=INT", .. AnswerDelay.Environment(answerDelay), .. exec,
            "dotnet", Program, "run", "--interface", device, "--sink", sink, "--json",
        ];
        var run = new LiveRun(Process.Start(new ProcessStartInfo("env", command) { RedirectStandardOutput = true, RedirectStandardError = true })!);
        await Eventually.HoldsAsync(() => run._process.HasExited || (run._isCapturing && isRunning(run)), "the capture is running");
        return run;
    }
}
