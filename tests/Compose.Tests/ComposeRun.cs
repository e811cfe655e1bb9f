using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace CallMirror.Compose.Tests;

/// <summary>One run of <c>tests/compose/run.sh</c>, and what it left to be looked at.</summary>
public sealed class ComposeRun : IAsyncLifetime
{
    private const int NoEngine = 77;

    // For a hang: on a busy machine the images alone take a quarter of an hour. The script ends itself, tidily, before it is killed.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(41);
    private static readonly string[] Program = ["timeout", "-k", "60", "2400", "bash"];

    private readonly string _folder = Directory.CreateTempSubdirectory("callmirror-compose-").FullName;
    private readonly StringBuilder _said = new();
    private int _exitCode;
    private bool _told;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        using var script = new Process
        {
            StartInfo = new ProcessStartInfo(Program[0], [.. Program[1..], Path.Combine(TestData.Root, "tests", "compose", "run.sh"), _folder])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        script.OutputDataReceived += (_, line) => Hear(line.Data);
        script.ErrorDataReceived += (_, line) => Hear(line.Data);
        script.Start();
        script.BeginOutputReadLine();
        script.BeginErrorReadLine();
        await script.WaitForExitAsync(CancellationToken.None).WaitAsync(Longest, TimeProvider.System);
        _exitCode = script.ExitCode;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Skips the test where there is no engine, and fails it where the run failed: the first test says all that the run said.</summary>
    public void Demand()
    {
        string said = _said.ToString();
        Assert.SkipWhen(_exitCode == NoEngine, said.TrimEnd().Split('\n')[^1]);
        string failure = _told ? "the run failed, as another test tells" : said;
        _told = true;
        Assert.True(_exitCode == 0, failure);
    }

    /// <summary>A file or folder that the run left.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    /// <summary>What <c>docker inspect</c> said of the containers, by service; of several of one service, all.</summary>
    internal ILookup<string, JsonElement> Containers(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(this[file])).EnumerateArray()
        .ToLookup(container => container.GetProperty("Config").GetProperty("Labels").GetProperty("com.docker.compose.service").GetString()!);

    // Standard output and error come on threads of their own.
    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_said)
            _said.Append(line).Append('\n');
        Console.Error.WriteLine(line);
    }
}
