using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CallMirror.Contracts.Calls;
using CallMirror.TestKit.Contract;

namespace CallMirror.Contracts.Tests.AsyncApi;

/// <summary>What a type says of its JSON, and what a schema of the contract says, in one form: types, required properties, words; no text, no ranges.</summary>
internal static class CodeSchema
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Scalars = new()
    {
        [typeof(string)] = """{"type":"string"}""",
        [typeof(int)] = """{"type":"integer"}""",
        [typeof(long)] = """{"type":"integer"}""",
        [typeof(double)] = """{"type":"number"}""",
        [typeof(bool)] = """{"type":"boolean"}""",
        [typeof(DateTimeOffset)] = """{"type":"string","format":"date-time"}""",
        [typeof(byte[])] = """{"type":"string","contentEncoding":"base64"}""",
        [typeof(EndReason)] = new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. Enum.GetValues<EndReason>().Select(reason => JsonValue.Create(EndReasons.Word(reason)))]),
        }.ToJsonString(),
    };

    /// <summary>By the code.</summary>
    public static JsonObject Of(Type type)
    {
        if (Scalars.TryGetValue(type, out string? scalar))
            return JsonNode.Parse(scalar)!.AsObject();
        if (type.IsGenericType)
            return new JsonObject { ["type"] = "array", ["items"] = Of(type.GenericTypeArguments[0]) };
        var properties = type.GetProperties().OrderBy(property => property.Name, StringComparer.Ordinal).ToList();
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = Sorted(properties.Where(property => property.IsDefined(typeof(RequiredMemberAttribute))).Select(Name)),
            ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(Name(property), (JsonNode?)Of(property)))),
        };
    }

    /// <summary>By the contract.</summary>
    public static JsonObject Of(JsonNode schema)
    {
        var structure = new JsonObject();
        foreach (var (keyword, rule) in ContractFile.Resolve(schema))
        {
            if (keyword == "items")
                structure[keyword] = Of(rule!);
            else if (keyword == "required")
                structure[keyword] = Sorted(rule!.AsArray().Select(name => (string)name!));
            else if (keyword == "properties")
                structure[keyword] = new JsonObject(rule!.AsObject().OrderBy(property => property.Key, StringComparer.OrdinalIgnoreCase).Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Of(property.Value!))));
            else if (keyword is not ("description" or "minimum" or "maximum"))
                structure[keyword] = rule!.DeepClone();
        }

        return structure;
    }

    private static JsonObject Of(PropertyInfo property)
    {
        var schema = Of(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        if (Nullability.Create(property).ReadState == NullabilityState.Nullable)
            schema["type"] = new JsonArray((string)schema["type"]!, "null");
        return schema;
    }

    private static string Name(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static JsonArray Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal).Select(name => (JsonNode?)JsonValue.Create(name))];
}
