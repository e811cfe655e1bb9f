using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CallMirror.TestKit.Contract;
using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Tests.Protocol;

/// <summary>What the sink reads and writes is what the contract says.</summary>
public sealed class ContractTests
{
    /// <summary>Each example with the type of its frame, but the one that the sink itself sends.</summary>
    public static TheoryData<string, string> Examples
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string frame in ContractFile.TextFrames.Where(frame => frame != "ack"))
                foreach (string example in ContractFile.ExamplesOf(frame))
                    data.Add(frame, example);
            return data;
        }
    }

    [Theory, MemberData(nameof(Examples))]
    public void An_example_is_what_its_schema_says_and_the_sink_takes_it_for_its_type(string type, string example)
    {
        Assert.Empty(ContractFile.Faults(type, ContractFile.Example(example)));
        Assert.True(TextFrame.TryParse(Encoding.UTF8.GetBytes(ContractFile.Example(example)), out var frame, out var error), error.ToString());
        Assert.Equal(type, frame.Type);
        Assert.NotEqual(FrameKind.Unknown, frame.Kind);
        if (type == "start")
            Assert.True(StartFrame.TryFrom(frame, out _, out error), error.ToString());
    }

    [Fact]
    public void It_reads_every_field_of_the_contract_and_no_other()
    {
        var read = typeof(TextFrame).GetProperties().Where(property => !property.IsDefined(typeof(JsonIgnoreAttribute), inherit: false)).Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        var told = ContractFile.TextFrames.Where(frame => frame != "ack").SelectMany(frame => ContractFile.PayloadOf(frame)["properties"]!.AsObject()).Select(property => property.Key);
        Assert.Equal(told.Distinct().Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_acknowledgement_is_the_contracts()
    {
        var bytes = new byte[Ack.MaxBytes];
        int length = Ack.Write(16000, bytes);
        string text = Encoding.UTF8.GetString(bytes, 0, length);
        Assert.Empty(ContractFile.Faults("ack", text));
        Assert.Equal(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(ContractFile.Example("websocket/ack.json"))), text);
    }
}
