using System.Text;
using CallMirror.Contracts.Naming;

namespace CallMirror.Contracts.Tests.Naming;

public sealed class RoutingKeyTests
{
    [Fact]
    public void A_call_id_of_at_most_200_bytes_is_its_own_routing_key()
    {
        string callId = new('\u00e9', 100);
        Assert.Equal(callId, RoutingKey.For(callId));
        Assert.Equal("7e3b@pbx", RoutingKey.For("7e3b@pbx"));
    }

    [Fact]
    public void A_longer_one_is_replaced_by_its_sha256_in_hex() =>
        // printf 'x%.0s' {1..201} | sha256sum
        Assert.Equal("84a0678c90937f5dcf9994d5866668da6b995109c8ad845410559b48a4ecafed", RoutingKey.For(new string('x', 201)));

    // printf 'a.*.b' | sha256sum
    [Theory]
    [InlineData("#", "334359b90efed75da5f0ada1d5e6b256f4a6bd0aee7eb39c0f90182a021ffc8b")]
    [InlineData("a.*.b", "21c156de080cbbfa793defae33018225cf2f3c454627ff1c9e4647b919a8812e")]
    public void One_that_a_topic_exchange_would_take_for_a_pattern_is_replaced_too(string callId, string key) => Assert.Equal(key, RoutingKey.For(callId));

    [Theory]
    [InlineData("a*b.c#@pbx")]
    [InlineData("..")]
    [InlineData("")]
    public void Its_signs_within_a_word_mean_nothing(string callId) => Assert.Equal(callId, RoutingKey.For(callId));

    [Fact]
    public void A_lane_is_named_after_its_group_the_routing_key_and_the_epoch_and_fits_an_amqp_short_string()
    {
        Assert.Equal("callmirror.lane.gateways.7e3b@pbx.1700000000123456700", LaneName.For("gateways", new CallKey("7e3b@pbx", 1_700_000_000_123_456_789)));
        Assert.InRange(Encoding.UTF8.GetByteCount(LaneName.For(new string('g', 32), new CallKey(new string('x', 5000), long.MinValue))), 1, 255);
        Assert.InRange(Encoding.UTF8.GetByteCount(LaneName.For(new string('g', 32), new CallKey(new string('x', RoutingKey.MaxBytes), long.MaxValue))), 1, 255);
    }
}
