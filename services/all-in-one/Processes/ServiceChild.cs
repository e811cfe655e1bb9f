using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace CallMirror.AllInOne.Processes;

/// <summary>One service as a child process: its lines of log go to whoever started it. Killed when disposed of.</summary>
internal sealed partial class ServiceChild : IDisposable
{
    private const int SignalTerminate = 15;

    private readonly Process _process;
    private readonly Action<string> _said;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _news = NewNews();
    private bool _isDisposed;

    private ServiceChild(string name, Process process, Action<string> said)
    {
        (Name, _process, _said) = (name, process, said);
        Ended = RunAsync();
    }

    /// <summary>What it is called in the log: <c>transcoder-2</c>.</summary>
    public string Name { get; }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Its exit code, once it has ended and all its lines are read.</summary>
    public Task<int> Ended { get; }

    /// <summary>What it has said so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Starts a service out of the folder of this program.</summary>
    /// <param name="assembly">The service's assembly: <c>CallMirror.Capture</c>.</param>
    /// <param name="name">What it is called in the log.</param>
    /// <param name="settings">Its environment, beside ours.</param>
    /// <param name="said">Hears each line.</param>
    public static ServiceChild Start(string assembly, string name, IEnumerable<KeyValuePair<string, string>> settings, Action<string>? said = null)
    {
        // Ctrl-C reaches all processes of a terminal; who started them decides in what order they stop.
        var start = new ProcessStartInfo("env", ["--ignore-signal=INT", DotNet, Path.Combine(AppContext.BaseDirectory, assembly + ".dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (setting, value) in settings)
            start.Environment[setting] = value;
        return new ServiceChild(name, Process.Start(start)!, said ?? (_ => { }));
    }

    /// <summary>Waits until it says something.</summary>
    /// <exception cref="TimeoutException">It does not, or has ended without.</exception>
    public async Task<Match> WaitForAsync(Regex pattern, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                var news = News;
                if (Lines.Select(line => pattern.Match(line)).FirstOrDefault(match => match.Success) is { } found)
                    return found;
                if (Ended.IsCompleted)
                    break;
                await (await Task.WhenAny(news, Ended)).WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Said below.
        }

        throw new TimeoutException($"{Name} has not said \"{pattern}\":\n{string.Join('\n', Lines)}");
    }

    /// <summary>SIGTERM, and SIGKILL where that is not enough; returns the exit code.</summary>
    public async Task<int> StopAsync(TimeSpan timeout)
    {
        if (!Ended.IsCompleted)
            _ = Kill(_process.Id, SignalTerminate);
        try
        {
            return await Ended.WaitAsync(timeout, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            return await KillAsync();
        }
    }

    /// <summary>SIGKILL; returns the exit code.</summary>
    public async Task<int> KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        return await Ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Its owner may be done with it before the fleet is.
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private Task News
    {
        get
        {
            lock (_lock)
                return _news.Task;
        }
    }

    private static string DotNet =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<int> RunAsync()
    {
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private async Task ReadAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                _lines.Add(line);
                _news.TrySetResult();
                _news = NewNews();
            }

            _said(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
