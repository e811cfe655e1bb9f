using System.Text.Json.Nodes;

namespace CallMirror.TestKit.Contract;

/// <summary>The public contract, <c>contracts/asyncapi.yaml</c>, and the examples beside it.</summary>
public static class ContractFile
{
    private static readonly string Folder = System.IO.Path.Combine(TestData.Root, "contracts");
    private static readonly string ExampleFolder = System.IO.Path.Combine(Folder, "examples");

    /// <summary>All of it.</summary>
    public static JsonObject Document { get; } = Yaml.Read(System.IO.Path.Combine(Folder, "asyncapi.yaml"));

    /// <summary>The channels that are exchanges on RabbitMQ, by name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Exchanges { get; } = Objects("channels")
        .Where(channel => channel.Value["bindings"]?["amqp"] is not null).ToDictionary();

    /// <summary>The messages, by name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Messages { get; } = Objects("components/messages");

    /// <summary>The messages of the control plane: plain JSON over RabbitMQ.</summary>
    public static IReadOnlyList<string> ControlMessages { get; } = [.. Messages.Where(message => HasTrait(message.Value, "event")).Select(message => message.Key)];

    /// <summary>The text frames of the WebSocket.</summary>
    public static IReadOnlyList<string> TextFrames { get; } =
        [.. Objects("channels")["websocket"]["messages"]!.AsObject().Select(frame => frame.Key).Where(name => (string?)Messages[name]["contentType"] == "application/json")];

    /// <summary>All example files, as messages name them: <c>CallEnded.json</c>, <c>websocket/start.json</c>.</summary>
    public static IReadOnlyList<string> ExampleFiles { get; } =
        [.. Directory.EnumerateFiles(ExampleFolder, "*", SearchOption.AllDirectories).Select(path => System.IO.Path.GetRelativePath(ExampleFolder, path)).Order(StringComparer.Ordinal)];

    /// <summary>The examples that a message names.</summary>
    public static IEnumerable<string> ExamplesOf(string message) =>
        Messages[message]["x-examples"] is JsonArray names ? names.Select(name => (string)name!) : [];

    /// <summary>Where an example is.</summary>
    public static string ExamplePath(string name) => System.IO.Path.Combine(ExampleFolder, name);

    /// <summary>An example's text.</summary>
    public static string Example(string name) => File.ReadAllText(ExamplePath(name));

    /// <summary>The schema of a message's payload.</summary>
    public static JsonObject PayloadOf(string message) => Resolve(Messages[message]["payload"]!);

    /// <summary>What is wrong with a document, by the schema of a message; nothing where it is one.</summary>
    public static IReadOnlyList<string> Faults(string message, string json) => JsonSchema.Faults(JsonNode.Parse(json), PayloadOf(message));

    /// <summary>Follows a reference, where it is one.</summary>
    public static JsonObject Resolve(JsonNode node)
    {
        while ((string?)node["$ref"] is { } reference)
            node = At(reference.TrimStart('#', '/'));
        return node.AsObject();
    }

    private static bool HasTrait(JsonObject message, string trait) =>
        message["traits"] is JsonArray traits && traits.Any(each => (string?)each!["$ref"] == $"#/components/messageTraits/{trait}");

    private static Dictionary<string, JsonObject> Objects(string path) => At(path).AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.AsObject());

    private static JsonNode At(string path) => path.Split('/').Aggregate(
        (JsonNode)Document, (node, name) => node[name] ?? throw new KeyNotFoundException($"The contract has no {path}."));
}
