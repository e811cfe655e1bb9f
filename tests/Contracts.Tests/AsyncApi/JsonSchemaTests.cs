using System.Text.Json.Nodes;
using CallMirror.TestKit.Contract;

namespace CallMirror.Contracts.Tests.AsyncApi;

/// <summary>The check of documents itself: it finds each kind of fault, or the other tests would prove nothing.</summary>
public sealed class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1", "1.5")]
    [InlineData("""{"type":"number"}""", "1", "\"1\"")]
    [InlineData("""{"type":["string","null"]}""", "null", "false")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "[\"a\"]", "[1]")]
    [InlineData("""{"enum":["a","b"]}""", "\"b\"", "\"c\"")]
    [InlineData("""{"const":"a"}""", "\"a\"", "\"b\"")]
    [InlineData("""{"required":["a"]}""", """{"a":null}""", "{}")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", "{}", """{"a":1}""")]
    [InlineData("""{"minimum":0}""", "0", "-1")]
    [InlineData("""{"maximum":1}""", "1", "2")]
    [InlineData("""{"minLength":1}""", "\"a\"", "\"\"")]
    [InlineData("""{"maxLength":1}""", "\"a\"", "\"ab\"")]
    [InlineData("""{"pattern":"^a$"}""", "\"a\"", "\"b\"")]
    [InlineData("""{"format":"date-time"}""", "\"2026-03-01T10:20:30Z\"", "\"yesterday\"")]
    [InlineData("""{"contentEncoding":"base64"}""", "\"AP8=\"", "\"?\"")]
    [InlineData("""{"$ref":"#/components/schemas/EndReason"}""", "\"bye\"", "\"nope\"")]
    public void Each_keyword_lets_pass_and_refuses(string schema, string good, string bad)
    {
        Assert.Empty(JsonSchema.Faults(JsonNode.Parse(good), JsonNode.Parse(schema)!.AsObject()));
        Assert.Single(JsonSchema.Faults(JsonNode.Parse(bad), JsonNode.Parse(schema)!.AsObject()));
    }

    [Fact]
    public void A_keyword_that_it_does_not_know_is_not_passed_over() =>
        Assert.Throws<NotSupportedException>(() => JsonSchema.Faults(JsonValue.Create(1), JsonNode.Parse("""{"multipleOf":2}""")!.AsObject()));
}
