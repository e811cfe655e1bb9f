using System.Text.Json;
using System.Text.Json.Nodes;
using CallMirror.TestKit.Contract;

namespace CallMirror.Contracts.Tests.AsyncApi;

/// <summary>Each message of the control plane, its schema and its examples.</summary>
public sealed class ControlMessageTests
{
    public static TheoryData<string> Names => ControlMessages.Names;

    public static TheoryData<string, string> Examples => Of(ContractFile.ControlMessages);

    /// <summary>Of all messages that are JSON, those of the WebSocket too.</summary>
    public static TheoryData<string, string> Documents => Of(ContractFile.Messages.Keys);

    [Theory, MemberData(nameof(Names))]
    public void A_schema_has_every_property_of_its_type_with_type_nullability_and_words_and_no_other(string name)
    {
        string code = CodeSchema.Of(ControlMessages.Of(name)).ToJsonString();
        string contract = CodeSchema.Of(ContractFile.PayloadOf(name)).ToJsonString();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(code), JsonNode.Parse(contract)), $"code:     {code}\ncontract: {contract}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Each_has_an_example_with_every_property(string name)
    {
        var told = ContractFile.ExamplesOf(name).SelectMany(example => JsonNode.Parse(ContractFile.Example(example))!.AsObject().Where(property => property.Value is not null)).Select(property => property.Key);
        Assert.Equal(ContractFile.PayloadOf(name)["properties"]!.AsObject().Select(property => property.Key).Order(), told.Distinct().Order());
    }

    [Theory, MemberData(nameof(Documents))]
    public void An_example_is_what_its_schema_says(string message, string example) => Assert.Empty(ContractFile.Faults(message, ContractFile.Example(example)));

    [Theory, MemberData(nameof(Examples))]
    public void An_example_is_read_by_the_code_and_written_again_as_an_equal_document(string message, string example)
    {
        string json = ContractFile.Example(example);
        object? read = JsonSerializer.Deserialize(json, ControlMessages.Of(message), JsonSerializerOptions.Web);
        string written = JsonSerializer.Serialize(read, ControlMessages.Of(message), JsonSerializerOptions.Web);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(written)), written);
        Assert.Empty(ContractFile.Faults(message, written));
    }

    [Theory, MemberData(nameof(Examples))]
    public void Without_any_one_of_what_it_must_say_it_is_refused_by_code_and_schema(string message, string example)
    {
        foreach (var name in ContractFile.PayloadOf(message)["required"]!.AsArray())
        {
            var without = JsonNode.Parse(ContractFile.Example(example))!.AsObject();
            Assert.True(without.Remove((string)name!));
            Assert.Throws<JsonException>(() => without.Deserialize(ControlMessages.Of(message), JsonSerializerOptions.Web));
            Assert.NotEmpty(ContractFile.Faults(message, without.ToJsonString()));
        }
    }

    [Theory, MemberData(nameof(Examples))]
    public void What_a_later_version_adds_is_ignored(string message, string example)
    {
        var later = JsonNode.Parse(ContractFile.Example(example))!.AsObject();
        later["later"] = new JsonArray(new JsonObject());
        Assert.NotNull(later.Deserialize(ControlMessages.Of(message), JsonSerializerOptions.Web));
        Assert.Empty(ContractFile.Faults(message, later.ToJsonString()));
    }

    [Fact]
    public void Every_example_file_belongs_to_a_message_and_every_message_has_its_files() => Assert.Equal(
        ContractFile.ExampleFiles, ContractFile.Messages.Keys.SelectMany(ContractFile.ExamplesOf).Order(StringComparer.Ordinal));

    private static TheoryData<string, string> Of(IEnumerable<string> messages)
    {
        var data = new TheoryData<string, string>();
        foreach (string message in messages)
            foreach (string example in ContractFile.ExamplesOf(message).Where(name => name.EndsWith(".json", StringComparison.Ordinal)))
                data.Add(message, example);
        return data;
    }
}
