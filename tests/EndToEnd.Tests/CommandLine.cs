using System.Diagnostics;
using System.Text;

namespace CallMirror.EndToEnd.Tests;

/// <summary>What a command left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>It failed as a command fails: one sentence on stderr, and nothing that only we understand.</summary>
    public string AssertFailed()
    {
        Assert.True(ExitCode == 1, $"exit code {ExitCode}, stderr: {Errors}");
        string sentence = Assert.Single(ErrorLines);
        Assert.StartsWith("callmirror: ", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", sentence, StringComparison.Ordinal);
        return sentence;
    }
}

/// <summary>Runs <c>callmirror</c> as a user does: as a process of its own.</summary>
internal sealed class CommandLine : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "callmirror.dll");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _read;

    private CommandLine(Process process)
    {
        _process = process;
        _read = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    /// <summary>What it has said on stdout so far.</summary>
    public string Output => Text(_output);

    /// <summary>What it has said on stderr so far.</summary>
    public string Errors => Text(_errors);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<CommandResult> RunAsync(params string[] args)
    {
        using var command = Start(args);
        return await command.WaitAsync(Timeout);
    }

    /// <summary>Runs a command to its end with variables of the environment.</summary>
    public static async Task<CommandResult> RunAsync(IEnumerable<(string Name, string Value)> environment, params string[] args)
    {
        using var command = Start("env", [.. environment.Select(variable => $"{variable.Name}={variable.Value}"), "dotnet", Program, .. args]);
        return await command.WaitAsync(Timeout);
    }

    /// <summary>Runs a command to its end as a user who may do nothing special.</summary>
    public static async Task<CommandResult> RunUnprivilegedAsync(params string[] args)
    {
        using var command = Start("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "dotnet", Program, .. args]);
        return await command.WaitAsync(Timeout);
    }

    /// <summary>Starts a command that can be interrupted, also where the tests themselves ignore SIGINT, as what runs in the background does.</summary>
    public static CommandLine StartInteractive(params string[] args) => Start("env", ["--default-signal=INT", "dotnet", Program, .. args]);

    /// <summary>The same with more in its environment, each <c>name=value</c>.</summary>
    public static CommandLine StartInteractiveWith(IEnumerable<string> environment, params string[] args) =>
        Start("env", ["--default-signal=INT", .. environment, "dotnet", Program, .. args]);

    /// <summary>The same in a folder of its own.</summary>
    public static CommandLine StartInteractiveIn(string folder, params string[] args) => Start("env", ["--default-signal=INT", "dotnet", Program, .. args], folder);

    /// <summary>Ctrl-C.</summary>
    public Task InterruptAsync() => SignalAsync("INT");

    /// <summary>SIGTERM.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Waits for its end.</summary>
    /// <exception cref="TimeoutException">It does not end; it is killed.</exception>
    public async Task<CommandResult> WaitAsync(TimeSpan timeout)
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(timeout, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"it has not ended within {timeout.TotalSeconds} s; stderr: {Errors}");
        }

        await _read;
        return new CommandResult(_process.ExitCode, Output, Errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static string Text(StringBuilder read)
    {
        lock (read)
            return read.ToString();
    }

    private static async Task ReadAsync(StreamReader from, StringBuilder to)
    {
        while (await from.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            lock (to)
                to.Append(line).Append('\n');
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString()]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static CommandLine Start(string[] args) => Start("dotnet", [Program, .. args]);

    private static CommandLine Start(string program, IEnumerable<string> args, string? folder = null) => new(Process.Start(new ProcessStartInfo(program, args)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = folder ?? Path.GetTempPath(),
    })!);
}
