using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class TransportAddressTests
{
    [Theory]
    [InlineData("1.2.3.4:5060")]
    [InlineData("0.0.0.0:0")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("[fd00::1]:5060")]
    [InlineData("[::]:1")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:40000")]
    public void Text_is_read_and_written_the_same(string text)
    {
        Assert.True(TransportAddress.TryParse(text, out TransportAddress address));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3.4:65536")]
    [InlineData("1.2.3.4:-1")]
    [InlineData("1.2.3.4: 5")]
    [InlineData("1.2.3:5060")]
    [InlineData("1:5060")]
    [InlineData("0x7f.0.0.1:5060")]
    [InlineData("[1.2.3.4]:5060")]
    [InlineData("fd00::1:5060")]
    [InlineData("[fd00::1]")]
    [InlineData("[[::1]:80]:5060")]
    [InlineData("example.com:5060")]
    public void Anything_else_is_refused(string text) => Assert.False(TransportAddress.TryParse(text, out _));

    [Fact]
    public void Any_text_is_answered_without_an_exception() =>
        Properties.Hold<string?>(text => Assert.True(TransportAddress.TryParse(text, out TransportAddress read) || read == default));

    [Fact]
    public void Any_address_survives_being_written_and_read() => Properties.Hold<(ulong High, ulong Low, ushort Port, bool V4)>(value =>
    {
        byte[] bytes = [.. BitConverter.GetBytes(value.High), .. BitConverter.GetBytes(value.Low)];
        var address = TransportAddress.From(value.V4 ? bytes.AsSpan(0, 4) : bytes, value.Port);
        Assert.True(TransportAddress.TryParse(address.ToString(), out TransportAddress read));
        Assert.Equal(address, read);
        Assert.Equal(address.GetHashCode(), read.GetHashCode());
    });

    [Fact]
    public void A_v4_mapped_address_is_the_v4_address()
    {
        Assert.True(TransportAddress.TryParse("[::ffff:10.0.0.1]:5060", out TransportAddress mapped));
        Assert.Equal(TransportAddress.From([10, 0, 0, 1], 5060), mapped);
        Assert.True(mapped.IsIPv4);
    }

    [Fact]
    public void Port_and_address_both_tell_addresses_apart()
    {
        var one = TransportAddress.From([10, 0, 0, 1], 5060);
        Assert.NotEqual(one, one.WithPort(5061));
        Assert.True(one.HasSameAddress(one.WithPort(5061)));
        Assert.NotEqual(one, TransportAddress.From([10, 0, 0, 2], 5060));
        Assert.False(one.HasSameAddress(TransportAddress.From([10, 0, 0, 2], 5060)));
    }

    [Theory]
    [InlineData("0.0.0.0:4000", true)]
    [InlineData("[::]:4000", true)]
    [InlineData("0.0.0.1:0", false)]
    [InlineData("[::1]:0", false)]
    [InlineData("[1::]:0", false)]
    public void Unspecified_means_all_zeros(string text, bool unspecified)
    {
        Assert.True(TransportAddress.TryParse(text, out TransportAddress address));
        Assert.Equal(unspecified, address.IsUnspecified);
    }
}
