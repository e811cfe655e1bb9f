using System.Text;
using CallMirror.TestKit;
using CallMirror.WsGateway.Protocol;
using FsCheck.Fluent;

namespace CallMirror.WsGateway.Tests.Protocol;

public sealed class ListenerAckTests
{
    [Theory]
    [InlineData("""{"type":"ack","position":0}""", 0)]
    [InlineData("""{"position":12345678901,"type":"ack"}""", 12345678901)]
    [InlineData("""{"type":"ack","extra":{"position":9,"type":"x"},"position":7,"more":[1,2]}""", 7)]
    [InlineData("""{"type":"ack","position":25600.0}""", 25600)]
    [InlineData("""{"type":"ack","position":2.56e4}""", 25600)]
    [InlineData("""{"type":"ack","position":25599.999}""", 25599)]
    public void Reads_the_position_whatever_else_is_said(string text, long expected)
    {
        Assert.True(ListenerAck.TryParse(Encoding.UTF8.GetBytes(text), out long position, out var error));
        Assert.Equal((expected, ListenerTextError.None), (position, error));
    }

    [Theory]
    [InlineData("", nameof(ListenerTextError.Malformed))]
    [InlineData("hello", nameof(ListenerTextError.Malformed))]
    [InlineData("[]", nameof(ListenerTextError.Malformed))]
    [InlineData("""{"type":"ack","position":1""", nameof(ListenerTextError.Malformed))]
    [InlineData("""{"type":"ack","position":1}{}""", nameof(ListenerTextError.Malformed))]
    [InlineData("""{"type":"hello"}""", nameof(ListenerTextError.UnknownType))]
    [InlineData("""{"type":7,"position":1}""", nameof(ListenerTextError.UnknownType))]
    [InlineData("""{"position":1}""", nameof(ListenerTextError.UnknownType))]
    [InlineData("""{"type":"ack"}""", nameof(ListenerTextError.BadPosition))]
    [InlineData("""{"type":"ack","position":-1}""", nameof(ListenerTextError.BadPosition))]
    [InlineData("""{"type":"ack","position":-0.5}""", nameof(ListenerTextError.BadPosition))]
    [InlineData("""{"type":"ack","position":1e300}""", nameof(ListenerTextError.BadPosition))]
    [InlineData("""{"type":"ack","position":"1"}""", nameof(ListenerTextError.BadPosition))]
    public void Says_why_a_text_is_no_acknowledgement(string text, string expected)
    {
        Assert.False(ListenerAck.TryParse(Encoding.UTF8.GetBytes(text), out _, out var error));
        Assert.Equal(expected, error.ToString());
    }

    [Fact]
    public void No_bytes_throw()
    {
        byte[] valid = """{"type":"ack","position":12}"""u8.ToArray();
        var mutations = Gen.Choose(0, valid.Length - 1).Zip(Gen.Choose(0, 255)).ListOf();
        Properties.Hold(mutations, changes =>
        {
            byte[] text = [.. valid];
            foreach (var (index, value) in changes)
                text[index] = (byte)value;
            bool first = ListenerAck.TryParse(text, out long position, out var error);
            return first == ListenerAck.TryParse(text, out long again, out var errorAgain) && position == again && error == errorAgain;
        });
    }
}
