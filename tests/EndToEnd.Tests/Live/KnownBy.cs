using System.Text;
using System.Text.RegularExpressions;
using CallMirror.AllInOne.Commands;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>
/// What the calls of a capture are known by: their Call-IDs, and each sender's SSRC with where it sends to. Several captures are edits of one,
/// and many cases come from one maker, with the same Call-ID, tags, branches, SSRCs and timestamps.
/// </summary>
internal static partial class KnownBy
{
    /// <summary>All that is known of one capture.</summary>
    public static HashSet<string> Of(string path)
    {
        HashSet<string> known = [];
        using var source = new Input([path], Device: null, Filter: null, Speed: null).Open(TimeProvider.System);
        while (source.TryRead(out var packet) == SourceStatus.Packet)
        {
            // In whatever SIP comes: datagrams, fragments of them, or segments.
            foreach (Match match in CallId().Matches(Encoding.Latin1.GetString(packet.Frame)))
                known.Add(match.Groups[1].Value);
            if (FrameDissector.TryDissect(packet.Link, packet.Frame, out var datagram, out _) && datagram.Transport == Transport.Udp
                && RtpClassifier.Classify(datagram.Payload) == PacketKind.Rtp && RtpFields.TryRead(datagram.Payload, out _, out uint ssrc))
                known.Add($"{datagram.Destination} {ssrc:x8}");
        }

        return known;
    }

    /// <summary>Deals captures out, in their order, so that no two of a part are known by the same.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Part(IEnumerable<string> names, Func<string, string> pathOf)
    {
        List<(List<string> Names, HashSet<string> Known)> parts = [];
        foreach (string name in names)
        {
            var known = Of(pathOf(name));
            int place = parts.FindIndex(part => !part.Known.Overlaps(known));
            if (place < 0)
            {
                place = parts.Count;
                parts.Add(([], []));
            }

            parts[place].Names.Add(name);
            parts[place].Known.UnionWith(known);
        }

        return [.. parts.Select(part => part.Names)];
    }

    [GeneratedRegex(@"^(?:Call-ID|i)[ \t]*:[ \t]*([^\s]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex CallId();
}
