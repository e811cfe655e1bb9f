using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>The messages of tests/data/sip: see SOURCES.md there.</summary>
internal static partial class SipData
{
    private static readonly string Folder = TestData.Path("sip");

    /// <summary>The distinct messages of each real capture, by the capture's name.</summary>
    internal static readonly IReadOnlyDictionary<string, byte[][]> Captures = Directory.GetFiles(Folder, "*.sip")
        .Order(StringComparer.Ordinal)
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => ReadLengthPrefixed(File.ReadAllBytes(file)).ToArray());

    /// <summary>The messages of RFC 4475, by their names there.</summary>
    internal static readonly IReadOnlyDictionary<string, byte[]> Torture = File.ReadAllText(Path.Combine(Folder, "torture.txt"))
        .Split("### ", StringSplitOptions.RemoveEmptyEntries)
        .ToDictionary(entry => entry.Split(' ')[0], entry => Expand(entry[(entry.IndexOf('\n') + 1)..]));

    /// <summary>FreeSWITCH's call records, one row a leg, columns by the first line's names.</summary>
    internal static IEnumerable<Dictionary<string, string>> Legs()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, "legs.tsv"));
        string[] names = lines[0].Split('\t');
        return lines[1..].Select(line => names.Zip(line.Split('\t')).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    private static IEnumerable<byte[]> ReadLengthPrefixed(byte[] data)
    {
        for (int at = 0; at < data.Length;)
        {
            int start = Array.IndexOf(data, (byte)'\n', at) + 1;
            int length = int.Parse(Encoding.ASCII.GetString(data, at, start - 1 - at), CultureInfo.InvariantCulture);
            yield return data[start..(start + length)];
            at = start + length + 1;
        }
    }

    // Latin-1 keeps the bytes of <hex> apart; nothing else in the file is beyond ASCII.
    private static byte[] Expand(string text)
    {
        text = OneLine().Replace(text, match => match.Groups[1].Value.Replace("\n", "", StringComparison.Ordinal));
        text = Repeat().Replace(text, match => string.Concat(Enumerable.Repeat(match.Groups[2].Value, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))));
        text = text.Replace("\n", "\r\n", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(Hex().Replace(text, match => Encoding.Latin1.GetString(Convert.FromHexString(match.Groups[1].Value))));
    }

    [GeneratedRegex("<allOneLine>\n(.*?)\n</allOneLine>", RegexOptions.Singleline)]
    private static partial Regex OneLine();

    [GeneratedRegex("<repeat count=(\\d+)>(.*?)</repeat>")]
    private static partial Regex Repeat();

    [GeneratedRegex("<hex>([0-9A-F]*)</hex>")]
    private static partial Regex Hex();
}
