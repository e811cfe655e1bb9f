using System.Globalization;
using System.Text.RegularExpressions;

namespace CallMirror.Compose.Tests;

/// <summary>What the files for containers say of each other and of the projects: true with an engine and without.</summary>
public sealed partial class FilesTests
{
    private static readonly string[] Secrets = ["RABBITMQ_PASSWORD"];

    [Fact]
    public void The_layer_that_restores_sees_every_project()
    {
        string[] projects = [.. new[] { "libraries", "services" }.SelectMany(folder => Directory.EnumerateDirectories(Path.Combine(TestData.Root, folder)))
            .Where(folder => Directory.EnumerateFiles(folder, "*.csproj").Any())
            .Select(folder => Path.GetRelativePath(TestData.Root, folder).Replace('\\', '/'))];

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Contains($"\nCOPY {project}/*.csproj {project}/\n", Text("deploy/Dockerfile"), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_variable_of_the_compose_file_has_a_value_in_env_or_a_default_but_the_secrets_which_have_none()
    {
        var named = Variable().Matches(Text("docker-compose.yml")).ToLookup(match => match.Groups["name"].Value, match => match.Groups["rest"].Value);
        var set = Text(".env").Split('\n').Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#').Select(line => line.Split('=')[0]).ToHashSet();

        Assert.Equal(Secrets, named.Where(variable => variable.Any(rest => rest.StartsWith(":?", StringComparison.Ordinal))).Select(variable => variable.Key));
        Assert.Empty(set.Intersect(Secrets));
        Assert.Empty(set.Except(named.Select(variable => variable.Key)));
        Assert.All(named.Where(variable => !Secrets.Contains(variable.Key)), variable =>
            Assert.True(set.Contains(variable.Key) || variable.All(rest => rest.StartsWith(":-", StringComparison.Ordinal)), $"{variable.Key} has no value"));
    }

    [Fact]
    public void The_image_tags_name_versions() =>
        Assert.All(Text(".env").Split('\n').Where(line => line.Contains("_TAG=", StringComparison.Ordinal)), line => Assert.Matches(@"_TAG=\d+\.\d+", line));

    [Fact]
    public void Every_gateway_that_is_scaled_finds_a_port_of_the_hosts_loopback_where_its_calls_can_be_joined()
    {
        string gateway = Text("docker-compose.yml").Split("\n  ws-gateway:\n")[1].Split("\n\n")[0];
        var ports = Range().Match(Text(".env"));
        int first = int.Parse(ports.Groups[1].Value, CultureInfo.InvariantCulture);
        int last = int.Parse(ports.Groups[2].Value, CultureInfo.InvariantCulture);
        int[] others = [.. Port().Matches(Text(".env")).Select(port => int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture))];

        Assert.Contains("ports: [\"127.0.0.1:${LISTEN_PORTS}:8100\"]", gateway, StringComparison.Ordinal);
        Assert.Contains("ListenPort: \"8100\"", gateway, StringComparison.Ordinal);
        Assert.Contains("ListenHost: 0.0.0.0", gateway, StringComparison.Ordinal);
        Assert.InRange(last - first, 1, 100);
        Assert.NotEmpty(others);
        Assert.All(others, port => Assert.False(port >= first && port <= last, $"{port} is another's"));
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(TestData.Root, file));

    [GeneratedRegex(@"^LISTEN_PORTS=(\d+)-(\d+)$", RegexOptions.Multiline)]
    private static partial Regex Range();

    [GeneratedRegex(@"_PORT=(\d+)")]
    private static partial Regex Port();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(?<rest>[^}]*)\}")]
    private static partial Regex Variable();
}
