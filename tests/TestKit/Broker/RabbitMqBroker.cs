using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace CallMirror.TestKit.Broker;

/// <summary>
/// A real RabbitMQ for a test: Debian's <c>rabbitmq-server</c> with node name, data, ports and port mapper of its own, on the loopback interface.
/// It dies with the process that started it, however that ends.
/// </summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    /// <summary>The one user, who may do everything.</summary>
    public const string User = "callmirror";

    /// <summary>The user's password.</summary>
    public const string Password = "of-the-tests";

    private const string Servers = "/usr/lib/rabbitmq/lib";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // The last line waits for the end of standard input, which is the end of the process that holds it, and takes the whole group along.
    private const string Script = """
        ulimit -n "$NOFILE" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
        epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
        for _ in $(seq 100); do epmd -names >/dev/null 2>&1 && break; sleep 0.05; done
        "$SERVER" &
        cat >/dev/null
        kill -KILL 0
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("callmirror-broker-").FullName;
    private readonly int _nofile;
    private readonly int _epmdPort;
    private readonly int _distributionPort;
    private readonly int _managementPort;
    private readonly string _node = $"callmirror-{Guid.NewGuid():N}@localhost";
    private Process? _process;

    private RabbitMqBroker(bool management, int nofile)
    {
        _nofile = nofile;
        // All at once: one let go of too early would be given out again.
        var ports = Enumerable.Range(0, 4).Select(_ => new ReservedPort()).ToArray();
        (Port, _epmdPort, _distributionPort, _managementPort) = (ports[0].Number, ports[1].Number, ports[2].Number, management ? ports[3].Number : 0);
        foreach (var port in ports)
            port.Dispose();
    }

    /// <summary>Where it listens for AMQP.</summary>
    public int Port { get; }

    /// <summary>How to connect to it.</summary>
    public string Uri => $"amqp://{User}:{Password}@127.0.0.1:{Port}/";

    /// <summary>Starts one and waits until it serves, about five seconds.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="management">With its HTTP API, for <see cref="ManagementAsync"/>; it costs it some seconds more.</param>
    /// <param name="nofile">Files it may have open; a lane with stored messages takes two.</param>
    public static async Task<RabbitMqBroker> StartAsync(CancellationToken cancellationToken, bool management = false, int nofile = 65536)
    {
        var broker = new RabbitMqBroker(management, nofile);
        try
        {
            await broker.RestartAsync(cancellationToken);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>A broker that is not there yet: <see cref="RestartAsync"/> starts it.</summary>
    public static RabbitMqBroker NotStarted() => new(management: false, nofile: 65536);

    /// <summary>Kills it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        // The group, of which the shell is the leader.
        using var kill = Process.Start("kill", ["-KILL", "--", $"-{process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Freezes it (SIGSTOP): its connections stay up, and nobody reads them.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Continue() => Signal("CONT");

    /// <summary>Stops it as its service manager does: it closes its connections and writes down what it keeps.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        string id = (await File.ReadAllTextAsync(Path.Combine(_folder, "pid"), cancellationToken)).Trim();
        using (var broker = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture)))
        {
            using var stop = Process.Start("kill", ["-TERM", id]);
            await broker.WaitForExitAsync(cancellationToken).WaitAsync(StartLimit, cancellationToken);
        }

        await KillAsync();
    }

    /// <summary>Kills it if it runs and starts it with the data it had.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await KillAsync();
        await WriteSettingsAsync(cancellationToken);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringBuilder();
        _process = new Process { StartInfo = StartInfo(), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Look(line.Data);
        _process.ErrorDataReceived += (_, line) => Look(line.Data);
        _process.Exited += (_, _) => started.TrySetException(new InvalidOperationException("RabbitMQ ended"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await started.Task.WaitAsync(StartLimit, cancellationToken);

        void Look(string? line)
        {
            lock (output)
                output.AppendLine(line);
            if (line?.Contains("completed with", StringComparison.Ordinal) == true)
                started.TrySetResult();
            else if (line?.Contains("BOOT FAILED", StringComparison.Ordinal) == true)
                started.TrySetException(new InvalidOperationException($"RabbitMQ does not start: {output}"));
        }
    }

    /// <summary>How many connections it has refused for a wrong user or password.</summary>
    public async Task<int> RefusedLoginsAsync(CancellationToken cancellationToken)
    {
        var files = Directory.GetFiles(Path.Combine(_folder, "logs"), "*.log");
        string[] lines = [.. (await Task.WhenAll(files.Select(file => File.ReadAllLinesAsync(file, cancellationToken)))).SelectMany(lines => lines)];
        return lines.Count(line => line.Contains("login refused", StringComparison.Ordinal));
    }

    /// <summary>Asks its HTTP API, for example <c>GET</c> of <c>queues/%2F</c>, and returns the JSON.</summary>
    public async Task<string> ManagementAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_managementPort}/api/") };
        string credentials = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{Password}"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        using var request = new HttpRequestMessage(method, path);
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>Kills it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", File.ReadAllText(Path.Combine(_folder, "pid")).Trim()]);
        kill.WaitForExit();
    }

    private async Task WriteSettingsAsync(CancellationToken cancellationToken)
    {
        string plugins = _managementPort > 0 ? "rabbitmq_consistent_hash_exchange,rabbitmq_management" : "rabbitmq_consistent_hash_exchange";
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugins"), $"[{plugins}].\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "environment"), "", cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            default_user = {User}
            default_pass = {Password}
            log.file.level = warning
            {(_managementPort > 0 ? $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {_managementPort}" : "")}

            """,
            cancellationToken);
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo("setsid", ["bash", "-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        string InFolder(string name) => Path.Combine(_folder, name);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["NOFILE"] = _nofile.ToString(CultureInfo.InvariantCulture),
            ["SERVER"] = Path.Combine(Directory.EnumerateDirectories(Servers, "rabbitmq_server-*").Single(), "sbin", "rabbitmq-server"),
            ["HOME"] = _folder,
            ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = _node,
            ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_BASE"] = _folder,
            ["RABBITMQ_MNESIA_BASE"] = InFolder("data"),
            ["RABBITMQ_LOG_BASE"] = InFolder("logs"),
            ["RABBITMQ_PID_FILE"] = InFolder("pid"),
            ["RABBITMQ_CONFIG_FILE"] = InFolder("rabbitmq.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = InFolder("environment"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = InFolder("plugins"),
        })
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
