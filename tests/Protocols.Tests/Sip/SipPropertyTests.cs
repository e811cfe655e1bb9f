using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CallMirror.Protocols.Sip;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>What holds for every input, tried on generated ones; the seed is fixed, so that every run tries the same.</summary>
public sealed partial class SipPropertyTests
{
    private const int Runs = 3000;

    /// <summary>Pieces of SIP in any order get further into the parser than random bytes do.</summary>
    private static readonly string[] Pieces =
    [
        "INVITE sip:b@c SIP/2.0\r\n", "SIP/2.0 200 OK\r\n", "Call-ID: a\r\n", "CSeq: 1 INVITE\r\n", "From:", "t:", "Via:", "m:", "c:", "l:", "application/sdp",
        "multipart/mixed;boundary=b", "--b", "--", "v=0", "m=audio 1 RTP/AVP 8", "\r\n", "\n", "\r", " ", "\t", ":", ";", ",", "=", "\"", "\\", "<", ">", "@", "[", "]",
        "%", "sip:", "tel:", "tag", "branch", "0", "9", "4294967296", "é", "\0",
    ];

    private static Gen<string> Word => Gen.Elements("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-.".ToCharArray()).NonEmptyListOf().Select(string.Concat);

    private static Gen<string> FreeText => ArbMap.Default.GeneratorFor<string?>().Select(text => Unprintable().Replace(text ?? "", ""));

    private static Gen<byte[]> Bytes => ArbMap.Default.GeneratorFor<byte[]>();

    private static Gen<byte[]> AnyInput => Gen.OneOf(Bytes, Gen.Elements(Pieces).ListOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))));

    private static Gen<Written> Messages =>
        from method in Gen.Elements("INVITE", "ACK", "BYE", "X-Unknown")
        from status in Gen.OneOf(Gen.Constant(0), Gen.Choose(100, 699))
        from words in Word.ArrayOf(5)
        from displayName in FreeText
        from cseq in ArbMap.Default.GeneratorFor<uint>()
        from vias in Gen.Choose(1, 4)
        from body in Bytes
        from style in Gen.Choose(0, 31)
        select new Written(method, status, words, displayName, cseq, vias, body, (Style)style);

    [Fact]
    public void Reading_a_message_never_throws_is_deterministic_and_leaves_its_input_untouched() =>
        Properties.Hold(AnyInput, data =>
        {
            byte[] before = [.. data];
            return Seen.Sip(data) == Seen.Sip(data) && data.AsSpan().SequenceEqual(before);
        }, Runs);

    [Fact]
    public void A_written_message_is_read_as_it_was_meant_in_every_style() =>
        Properties.Hold(Messages, written =>
        {
            SipMessage message = Parsed.Message(written.ToBytes());

            Assert.Equal((written.Status == 0, written.Status, written.Method), (message.IsRequest, message.StatusCode, message.Method));
            Assert.Equal((written.CallId, written.CSeq, written.Branch), (message.CallId, message.CSeq, message.TopViaBranch));
            Assert.Equal(new SipAddress(written.DisplayName.Length > 0 ? written.DisplayName : null, written.Uri, written.User, written.Host, written.Tag), message.From);
            Assert.Equal(written.Vias, message.Headers("Via").Count());
            Assert.Equal(written.Body, message.Body.ToArray());
        }, Runs);

    [Fact]
    public void An_address_made_of_any_text_never_throws() =>
        Properties.Hold(FreeText, text => SipAddress.Parse(text) == SipAddress.Parse(text), Runs);

    // Control characters would need escapes of another kind, and half surrogate pairs have no UTF-8.
    [GeneratedRegex(@"\p{C}")]
    private static partial Regex Unprintable();

    [GeneratedRegex(@"(?<=\S) (?=\S)")]
    private static partial Regex Gap();

    /// <summary>The liberties that RFC 3261 §7.3 leaves to whoever writes a message.</summary>
    [Flags]
    private enum Style
    {
        None = 0,
        Compact = 1,
        UpperCase = 2,
        Folded = 4,
        BareLineFeeds = 8,
        OneLineVias = 16,
    }

    private sealed record Written(string Method, int Status, string[] Words, string DisplayName, uint CSeq, int Vias, byte[] Body, Style Style)
    {
        internal string User => Words[0];

        internal string Host => Words[1];

        internal string Tag => Words[2];

        internal string CallId => Words[3];

        internal string Branch => Words[4];

        internal string Uri => $"sip:{User}@{Host}";

        internal byte[] ToBytes()
        {
            string start = Status == 0 ? $"{Method} {Uri} SIP/2.0" : $"SIP/2.0 {Status} Some Reason";
            string quoted = DisplayName.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            string[] vias = [.. Enumerable.Range(0, Vias).Select(i => $"SIP/2.0/UDP h{i};branch={(i == 0 ? Branch : "later")}")];
            string[] lines =
            [
                start,
                Header("From", "f", $"\"{quoted}\" <{Uri}>;x=\";tag=no\";tag={Tag}"),
                .. Style.HasFlag(Style.OneLineVias) ? [Header("Via", "v", string.Join(" , ", vias))] : vias.Select(via => Header("Via", "v", via)),
                Header("Call-ID", "i", CallId),
                Header("CSeq", "CSeq", $"{CSeq} {Method}"),
                Header("Content-Length", "l", Body.Length.ToString(CultureInfo.InvariantCulture)),
                "",
                "",
            ];
            string text = string.Join("\r\n", lines);
            if (Style.HasFlag(Style.BareLineFeeds)) text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
            return [.. Encoding.UTF8.GetBytes(text), .. Body];
        }

        private string Header(string name, string compact, string value)
        {
            string written = Style.HasFlag(Style.Compact) ? compact : name;
            if (Style.HasFlag(Style.UpperCase)) written = written.ToUpperInvariant() + " \t";
            return $"{written}: {(Style.HasFlag(Style.Folded) ? Gap().Replace(value, "\r\n\t ") : value)}";
        }
    }
}
