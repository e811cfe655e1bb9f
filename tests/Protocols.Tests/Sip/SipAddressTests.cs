using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

public sealed class SipAddressTests
{
    [Theory]
    [InlineData("<sip:bob@example.com>;tag=1", null, "sip:bob@example.com", "bob", "example.com", "1")]
    [InlineData("Bob <sip:bob@example.com:5070;lr>;x=y;tag=1", "Bob", "sip:bob@example.com:5070;lr", "bob", "example.com", "1")]
    [InlineData("Bob B. Bobson<sip:bob@example.com>", "Bob B. Bobson", "sip:bob@example.com", "bob", "example.com", null)]
    [InlineData("\"Bob \\\"B\\\" \\\\\" <sip:bob@example.com>;tag=1", "Bob \"B\" \\", "sip:bob@example.com", "bob", "example.com", "1")]
    [InlineData("\"<sip:no@example.net>;tag=no\" <sip:bob@example.com>;tag=yes", "<sip:no@example.net>;tag=no", "sip:bob@example.com", "bob", "example.com", "yes")]
    [InlineData("<sip:bob@example.com;tag=no>;tag=yes", null, "sip:bob@example.com;tag=no", "bob", "example.com", "yes")]
    [InlineData("<sip:bob@example.com;tag=no>", null, "sip:bob@example.com;tag=no", "bob", "example.com", null)]
    [InlineData("<sip:bob@example.com>;x=\";tag=no\";tag=yes", null, "sip:bob@example.com", "bob", "example.com", "yes")]
    [InlineData("sip:bob@example.com;tag=1", null, "sip:bob@example.com", "bob", "example.com", "1")]
    [InlineData("sip:bob@example.com ; TAG = 1 ; x", null, "sip:bob@example.com", "bob", "example.com", "1")]
    [InlineData("\"\" <sip:example.com>", null, "sip:example.com", null, "example.com", null)]
    [InlineData("<sips:bob:secret@[2001:db8::9]:5061>", null, "sips:bob:secret@[2001:db8::9]:5061", "bob", "2001:db8::9", null)]
    [InlineData("<sip:+49%2030%23@example.com;user=phone>", null, "sip:+49%2030%23@example.com;user=phone", "+49 30#", "example.com", null)]
    [InlineData("<sip:bob;day=tuesday@example.com?subject=x>", null, "sip:bob;day=tuesday@example.com?subject=x", "bob;day=tuesday", "example.com", null)]
    [InlineData("<tel:+12125551212;phone-context=x>;tag=1", null, "tel:+12125551212;phone-context=x", "+12125551212", null, "1")]
    [InlineData("<urn:service:sos>", null, "urn:service:sos", null, null, null)]
    [InlineData("< sip:bob@example.com >", null, "sip:bob@example.com", "bob", "example.com", null)]
    [InlineData("<sip:bob@example.com", null, "sip:bob@example.com", "bob", "example.com", null)]
    [InlineData("\"Mr. Bob <sip:bob@example.com>;tag=1", "Mr. Bob", "sip:bob@example.com", "bob", "example.com", "1")]
    [InlineData("Bell, Alexander <sip:bob@example.com>;tag=1", "Bell, Alexander", "sip:bob@example.com", "bob", "example.com", "1")]
    [InlineData("bob", null, "bob", null, null, null)]
    [InlineData("", null, null, null, null, null)]
    public void An_address_is_taken_apart(string text, string? displayName, string? uri, string? user, string? host, string? tag) =>
        Assert.Equal(new SipAddress(displayName, uri, user, host, tag), SipAddress.Parse(text));
}
