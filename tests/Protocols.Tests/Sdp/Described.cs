using System.Text;
using CallMirror.Protocols.Sdp;

namespace CallMirror.Protocols.Tests.Sdp;

/// <summary>Descriptions out of the text of a test.</summary>
internal static class Described
{
    internal static SessionDescription Session(string text)
    {
        Assert.True(SessionDescription.TryParse(Encoding.UTF8.GetBytes(text), out SessionDescription? sdp, out SdpError error), error.ToString());
        return sdp;
    }

    /// <summary>The last media of a session with an address.</summary>
    internal static MediaDescription Media(string lines, string sessionLines = "") =>
        Session($"v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\n{sessionLines}\n{lines}\n").Media[^1];

    internal static SdpError Refusal(byte[] data)
    {
        Assert.False(SessionDescription.TryParse(data, out SessionDescription? sdp, out SdpError error));
        Assert.Null(sdp);
        return error;
    }
}
