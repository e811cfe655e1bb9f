using System.Text;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>All that a parser can be asked about some bytes, as one text to compare: every lazy property is run.</summary>
internal static class Seen
{
    private static readonly string[] Names = ["v", "Contact", "Subject", "Record-Route", "CSeq", "X-Unknown"];

    internal static string Sip(ReadOnlyMemory<byte> data)
    {
        if (!SipMessage.TryParse(data, out SipMessage? message, out SipError error)) return error.ToString();

        var text = new StringBuilder()
            .AppendLine($"{message.IsRequest} {message.Method} {message.RequestUri} {message.StatusCode} {message.ReasonPhrase}")
            .AppendLine($"{message.CallId} {message.CSeq} {message.CSeqMethod} {message.TopViaBranch} {message.ContentType}")
            .AppendLine($"{message.From} {message.To} {message.Body.Length} {message.IsBodyTruncated}");
        foreach (string name in Names) text.AppendJoin('|', message.Headers(name)).AppendLine();
        if (message.TryGetSdp(out ReadOnlyMemory<byte> sdp)) text.Append(Sdp(sdp.Span));
        return text.ToString();
    }

    internal static string Sdp(ReadOnlySpan<byte> data)
    {
        if (!SessionDescription.TryParse(data, out SessionDescription? sdp, out SdpError error)) return error.ToString();

        var text = new StringBuilder().AppendLine($"{sdp with { Media = [] }}");
        foreach (MediaDescription media in sdp.Media)
        {
            text.AppendLine($"{media with { Formats = [], Ssrcs = [] }} {media.IsOnHoldByAddress}");
            text.AppendJoin(' ', media.Formats).AppendJoin(' ', media.Ssrcs).AppendLine();
        }

        return text.ToString();
    }
}
