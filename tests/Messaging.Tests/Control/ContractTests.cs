using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CallMirror.Contracts.Calls;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Tests.RabbitMq;
using CallMirror.TestKit.Contract;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>What goes over a real broker is what the contract says, where it says.</summary>
[Collection(SharedBroker.Name)]
public sealed class ContractTests(BrokerFixture fixture)
{
    public static TheoryData<string> ControlMessages => [.. ContractFile.ControlMessages];

    [Theory, MemberData(nameof(ControlMessages))]
    public async Task A_control_message_comes_by_the_exchange_of_its_channel_as_the_json_of_its_example_under_its_routing_key(string name)
    {
        var type = typeof(CallEvent).Assembly.GetExportedTypes().Single(type => type.Name == name);
        var (exchange, channel) = ContractFile.Exchanges.Single(channel => channel.Value["messages"]!.AsObject().ContainsKey(name));
        string keyedBy = Assert.Single(channel["parameters"]!.AsObject()).Key;
        await using var host = await BrokerHost.StartAsync(fixture.Broker);
        foreach (string example in ContractFile.ExamplesOf(name))
        {
            var json = JsonNode.Parse(ContractFile.Example(example))!;
            object message = json.Deserialize(type, JsonSerializerOptions.Web)!;
            // The first of a type declares the exchange.
            await host.Bus.Publish(message, type, TestContext.Current.CancellationToken);
            await using var foreign = await ForeignClient.BindAsync(await fixture.ConnectAsync(), exchange);

            await host.Bus.Publish(message, type, TestContext.Current.CancellationToken);

            var heard = await foreign.NextAsync();
            string body = Encoding.UTF8.GetString(heard.Body);
            Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(body)), body);
            Assert.Empty(ContractFile.Faults(name, body));
            Assert.Equal((string?)json[keyedBy], heard.RoutingKey);
            Assert.Equal("application/json", heard.ContentType);
        }
    }

    [Fact]
    public void Each_channel_of_the_control_plane_is_the_exchange_that_the_code_gives_its_message() => Assert.All(
        typeof(CallEvent).Assembly.GetExportedTypes().Where(type => ContractFile.ControlMessages.Contains(type.Name)),
        type => Assert.True(ContractFile.Exchanges[EntityNames.Of(type)]["messages"]!.AsObject().ContainsKey(type.Name), type.Name));
}
