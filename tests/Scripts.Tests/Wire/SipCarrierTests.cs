using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Siblings;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>SIP that a script has in pieces is in pieces on the wire.</summary>
public sealed class SipCarrierTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void An_offer_is_in_segments_or_fragments_of_its_own_kind_of_address(bool isTcp, bool isIPv6)
    {
        var carriage = isTcp ? new SipCarriage(SipOver.Tcp, OnTheWay.None) : new SipCarriage(SipOver.Fragments, SipCarriage.OfFragments);
        var call = Sibling.Call with { IsIPv6 = isIPv6, Carriage = carriage };

        var frames = ScriptPlayer.Play(new Script(1, [call])).InOrder(doubled: false)
            .Where(frame => frame.Bytes.AsSpan().IndexOf("m=audio"u8) > 0).ToList();

        Assert.NotEmpty(frames);
        foreach (var frame in frames)
        {
            Assert.True(FrameDissector.TryReadIp(frame.Link, frame.Bytes, out var packet, out _));
            Assert.Equal((isIPv6 ? 6 : 4, !isTcp), (packet.Version, packet.IsFragment));
            Assert.Equal(isTcp, packet.Protocol == (byte)Transport.Tcp);
        }
    }
}
