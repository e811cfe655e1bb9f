using System.Diagnostics;

namespace CallMirror.EndToEnd.Tests.Consumers;

/// <summary>A program in another language, which knows nothing of our code; killed when disposed of.</summary>
internal sealed class ForeignProcess : IDisposable
{
    private static readonly string Examples = Path.Combine(TestData.Root, "examples");

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task _read;

    private ForeignProcess(string program, string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>What it has said so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <summary>All that it has said, for a message.</summary>
    public string Said => string.Join('\n', Lines);

    /// <summary>Starts a Python program with the system's Python, which has the system's pika.</summary>
    public static ForeignProcess Python(params string[] arguments) => new("/usr/bin/python3", arguments);

    /// <summary>Starts an example by its name without ending.</summary>
    public static ForeignProcess Example(string language, string name, params string[] arguments) => language switch
    {
        "python" => Python([Path.Combine(Examples, "python", name + ".py"), .. arguments]),
        "node" => new ForeignProcess("node", [Path.Combine(Examples, "node", name + ".js"), .. arguments]),
        _ => throw new ArgumentOutOfRangeException(nameof(language), language, "no example is in it"),
    };

    /// <summary>Waits until it says a line that begins so.</summary>
    public Task SaysAsync(string start) => Eventually.HoldsAsync(
        () =>
        {
            Assert.False(_process.HasExited && _read.IsCompleted && !Has(start), $"it has ended without \"{start}\":\n{Said}");
            return Has(start);
        },
        $"\"{start}\"");

    /// <summary>Waits for its end; returns the exit code.</summary>
    public async Task<int> EndsAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(40), TimeProvider.System);
        await _read;
        return _process.ExitCode;
    }

    /// <summary>It stands still from now on, its connection open.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>It goes on.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private bool Has(string start) => Lines.Any(line => line.StartsWith(start, StringComparison.Ordinal));

    private async Task ReadAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
            lock (_lines)
                _lines.Add(line);
    }
}
