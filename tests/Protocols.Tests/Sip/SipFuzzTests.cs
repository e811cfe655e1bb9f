using System.Diagnostics;
using System.Text;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>Half a million damaged messages, the same in every run: none ends in an exception, all keep the promises of the parsers' summaries.</summary>
public sealed class SipFuzzTests
{
    private const int SipInputs = 300_000;
    private const int SdpInputs = 200_000;

    private static readonly byte[][] Messages = [.. SipData.Captures.Values.SelectMany(messages => messages), .. SipData.Torture.Values];

    [Fact]
    public void No_damaged_message_breaks_the_sip_parser()
    {
        var mutator = new Mutator(seed: 1, Messages);
        byte[] buffer = new byte[ushort.MaxValue + 1];
        int accepted = Run(mutator, SipInputs, input =>
        {
            input.CopyTo(buffer);
            ReadOnlyMemory<byte> data = buffer.AsMemory(0, input.Length);
            Seen.Sip(data);
            return KeepsItsPromises(data);
        });

        Assert.InRange(accepted, SipInputs / 10, SipInputs * 9 / 10);
    }

    [Fact]
    public void No_damaged_description_breaks_the_sdp_parser()
    {
        byte[][] descriptions = [.. Messages
            .Select(data => SipMessage.TryParse(data, out SipMessage? message, out _) && message.TryGetSdp(out ReadOnlyMemory<byte> sdp) ? sdp.ToArray() : [])
            .Where(sdp => sdp.Length > 0)];
        int accepted = Run(new Mutator(seed: 2, descriptions), SdpInputs, input =>
        {
            Seen.Sdp(input);
            return KeepsItsPromises(input);
        });

        Assert.InRange(accepted, SdpInputs / 10, SdpInputs * 9 / 10);
    }

    /// <summary>Quotes, folds, separators and parts by the ten thousand: each costs what its length costs, not its square.</summary>
    [Theory]
    [InlineData("Via: x;\"", ";\\\"")]
    [InlineData("Via: \"", ",\\\"")]
    [InlineData("From: ", "\"<")]
    [InlineData("Contact: ", "<,")]
    [InlineData("Subject:", "\r\n ")]
    [InlineData("Content-Type: multipart/mixed;boundary=b\r\n\r\n", "--b\r\n")]
    [InlineData("Content-Type: application/sdp\r\n\r\n", "a=ssrc:1\r\n")]
    [InlineData("Content-Type: application/sdp\r\n\r\nm=audio 1 RTP/AVP", " 1")]
    public void A_hostile_message_is_read_in_a_moment(string start, string repeated)
    {
        string head = $"INVITE sip:b@c SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n{start}";
        byte[] data = Encoding.ASCII.GetBytes(head + string.Concat(Enumerable.Repeat(repeated, (65_000 - head.Length) / repeated.Length)));

        long before = Stopwatch.GetTimestamp();
        Assert.NotEqual("HeaderTooLong", Seen.Sip(data));

        // A linear reader needs about a millisecond, one that is not needs many seconds.
        Assert.True(Stopwatch.GetElapsedTime(before) < TimeSpan.FromSeconds(2));
    }

    private delegate bool Try(ReadOnlySpan<byte> input);

    private static int Run(Mutator mutator, int inputs, Try tryInput)
    {
        int accepted = 0;
        for (int i = 0; i < inputs; i++)
        {
            ReadOnlySpan<byte> input = mutator.Next();
            try
            {
                if (tryInput(input)) accepted++;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{mutator}: {Convert.ToHexString(input)}", exception);
            }
        }

        return accepted;
    }

    private static bool KeepsItsPromises(ReadOnlyMemory<byte> data)
    {
        bool accepted = SipMessage.TryParse(data, out SipMessage? message, out SipError error);
        Assert.Equal(accepted, error == SipError.None);
        if (message is null) return false;

        Assert.NotEqual("", message.CallId);
        Assert.NotEqual("", message.Method);
        Assert.True(message.IsRequest ? message is { StatusCode: 0, RequestUri.Length: > 0 } : message.StatusCode is >= 100 and <= 699);
        Assert.True(data.Span.Overlaps(message.Body.Span) || message.Body.IsEmpty);
        Assert.True(!message.TryGetSdp(out ReadOnlyMemory<byte> sdp) || message.Body.Span.Overlaps(sdp.Span));
        return true;
    }

    private static bool KeepsItsPromises(ReadOnlySpan<byte> data)
    {
        bool accepted = SessionDescription.TryParse(data, out SessionDescription? sdp, out SdpError error);
        Assert.Equal(accepted, error == SdpError.None);
        foreach (MediaDescription media in sdp?.Media ?? [])
        {
            Assert.InRange(media.Port, 0, ushort.MaxValue);
            Assert.True(media.Connection is null || media.ConnectionHost is not null);
            foreach (RtpPayloadFormat format in media.Formats)
                Assert.True(format.PayloadType is >= 0 and <= 127 && (format.ClockRate > 0) == (format.EncodingName.Length > 0));
        }

        return accepted;
    }
}
