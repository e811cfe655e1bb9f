using System.Reflection;
using System.Text.Json.Nodes;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.TestKit.Contract;

namespace CallMirror.Contracts.Tests.AsyncApi;

/// <summary>The exchanges of the code are the channels of the contract, and the other way round.</summary>
public sealed class ChannelTests
{
    private static readonly string[] NoExchanges = [nameof(Exchanges.CallsPrefix), nameof(Exchanges.SipTrackerQueue), nameof(Exchanges.TranscoderQueue)];

    [Fact]
    public void Every_exchange_is_a_channel_and_every_channel_an_exchange()
    {
        var named = typeof(Exchanges).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => !NoExchanges.Contains(field.Name)).Select(field => (string)field.GetValue(null)!);
        var events = ControlMessages.Events.Select(type => Exchanges.CallsPrefix + type.Name);
        Assert.Equal(named.Concat(events).Order(StringComparer.Ordinal), ContractFile.Exchanges.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_is_a_durable_topic_exchange_of_its_channels_name_with_the_routing_key_as_its_address()
    {
        foreach (var (name, channel) in ContractFile.Exchanges)
        {
            var expected = JsonNode.Parse($$$"""{"is":"routingKey","exchange":{"name":"{{{name}}}","type":"topic","durable":true,"autoDelete":false}}""");
            Assert.True(JsonNode.DeepEquals(expected, channel["bindings"]!["amqp"]), name);
            Assert.Equal($"{{{Assert.Single(channel["parameters"]!.AsObject()).Key}}}", (string?)channel["address"]);
        }
    }

    [Fact]
    public void The_exchange_of_a_call_event_carries_that_event_alone() => Assert.All(
        ContractFile.Exchanges.Where(channel => channel.Key.StartsWith(Exchanges.CallsPrefix, StringComparison.Ordinal)),
        channel => Assert.Equal(channel.Key, Exchanges.CallsPrefix + Assert.Single(channel.Value["messages"]!.AsObject()).Key));

    [Fact]
    public void Every_channel_has_an_operation_and_every_message_a_channel()
    {
        var channels = ContractFile.Document["channels"]!.AsObject();
        var operated = ContractFile.Document["operations"]!.AsObject().Select(operation => (string)operation.Value!["channel"]!["$ref"]!);
        Assert.Equal(channels.Select(channel => $"#/channels/{channel.Key}").Order(), operated.Distinct().Order());
        var carried = channels.SelectMany(channel => channel.Value!["messages"]!.AsObject()).Select(message => (string)message.Value!["$ref"]!);
        Assert.Equal(ContractFile.Messages.Keys.Select(name => $"#/components/messages/{name}").Order(), carried.Distinct().Order());
    }

    [Fact]
    public void A_routing_key_is_as_long_as_the_contract_says()
    {
        int bytes = (int)ContractFile.Document["components"]!["parameters"]!["callId"]!["x-max-bytes"]!;
        Assert.Equal(new string('x', bytes), RoutingKey.For(new string('x', bytes)));
        Assert.Matches("^[0-9a-f]{64}$", RoutingKey.For(new string('x', bytes + 1)));
    }

    [Fact]
    public void The_control_messages_of_the_contract_are_those_of_the_code() =>
        Assert.Equal(ControlMessages.All.Select(type => type.Name).Order(), ContractFile.ControlMessages.Order());

    [Fact]
    public void An_end_reason_is_a_word_of_the_contract_and_every_word_a_reason() => Assert.Equal(
        Enum.GetValues<EndReason>().Select(EndReasons.Word),
        ContractFile.Document["components"]!["schemas"]!["EndReason"]!["enum"]!.AsArray().Select(word => (string)word!));
}
