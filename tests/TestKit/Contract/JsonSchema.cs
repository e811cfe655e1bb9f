using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CallMirror.TestKit.Contract;

/// <summary>Checks a document against the part of JSON Schema that the contract uses; a keyword beyond it is an error, not passed over.</summary>
public static class JsonSchema
{
    /// <summary>What is wrong, each with its place; nothing where the document is valid. Properties that a schema does not name are allowed.</summary>
    /// <exception cref="NotSupportedException">A keyword that is not known here.</exception>
    public static IReadOnlyList<string> Faults(JsonNode? value, JsonObject schema)
    {
        var faults = new List<string>();
        Check(value, schema, "$", faults);
        return faults;
    }

    /// <summary>The type by the name that JSON Schema has for it.</summary>
    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.Number => value.AsValue().TryGetValue(out long _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString()!.ToLowerInvariant(),
    };

    private static void Check(JsonNode? value, JsonObject unresolved, string path, List<string> faults)
    {
        var schema = ContractFile.Resolve(unresolved);
        foreach (var (keyword, rule) in schema)
        {
            if (keyword == "properties")
                CheckProperties(value, rule!.AsObject(), path, faults);
            else if (keyword == "items")
                CheckItems(value, rule!.AsObject(), path, faults);
            else if (!Holds(value, keyword, rule!))
                faults.Add($"{path}: {value?.ToJsonString() ?? "null"} against {keyword} {rule!.ToJsonString()}");
        }
    }

    private static void CheckProperties(JsonNode? value, JsonObject properties, string path, List<string> faults)
    {
        if (value is not JsonObject fields)
            return;
        foreach (var (name, schema) in properties)
            if (fields.TryGetPropertyValue(name, out var field))
                Check(field, schema!.AsObject(), $"{path}.{name}", faults);
    }

    private static void CheckItems(JsonNode? value, JsonObject schema, string path, List<string> faults)
    {
        if (value is not JsonArray items)
            return;
        for (int i = 0; i < items.Count; i++)
            Check(items[i], schema, $"{path}[{i}]", faults);
    }

    private static bool Holds(JsonNode? value, string keyword, JsonNode rule) => keyword switch
    {
        "type" => IsOfType(value, rule),
        "const" => JsonNode.DeepEquals(value, rule),
        "enum" => rule.AsArray().Any(allowed => JsonNode.DeepEquals(value, allowed)),
        "required" => value is not JsonObject fields || rule.AsArray().All(name => fields.ContainsKey((string)name!)),
        "minimum" => Number(value) is not { } number || number >= Number(rule),
        "maximum" => Number(value) is not { } number || number <= Number(rule),
        "minLength" => Text(value) is not { } text || text.Length >= (int)rule,
        "maxLength" => Text(value) is not { } text || text.Length <= (int)rule,
        "pattern" => Text(value) is not { } text || Regex.IsMatch(text, (string)rule!),
        "format" => Text(value) is not { } text || IsOfFormat(text, (string)rule!),
        "contentEncoding" => Text(value) is not { } text || Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "description" => true,
        _ => keyword.StartsWith("x-", StringComparison.Ordinal) ? true : throw new NotSupportedException($"The keyword {keyword} is not known here."),
    };

    private static bool IsOfType(JsonNode? value, JsonNode rule)
    {
        string type = TypeOf(value);
        var allowed = rule is JsonArray several ? several.Select(each => (string)each!) : [(string)rule!];
        return allowed.Any(each => each == type || (each, type) == ("number", "integer"));
    }

    private static bool IsOfFormat(string text, string format) => format == "date-time"
        ? text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        : throw new NotSupportedException($"The format {format} is not known here.");

    private static double? Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number ? double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) : null;

    private static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? (string)value! : null;
}
