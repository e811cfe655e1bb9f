using System.Text.Json;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Compares what two runs over the same packets stored.</summary>
internal static class StoredFolders
{
    private const string EndOfCapture = "end-of-capture";

    /// <summary>In what they differ. Of a call that was up at the end of the file it is not said how much silence follows its last sample, nor why it ended.</summary>
    public static IEnumerable<string> Differences(string file, string live)
    {
        var (expected, actual) = (Calls(file), Calls(live));
        foreach (var key in expected.Keys.Union(actual.Keys).Order())
        {
            if (!actual.TryGetValue(key, out var its))
                yield return $"{key}: not live";
            else if (!expected.TryGetValue(key, out var mine))
                yield return $"{key}: live only";
            else
                foreach (string difference in Differences(file, mine, live, its))
                    yield return $"{key}: {difference}";
        }
    }

    private static Dictionary<(string, string), JsonElement> Calls(string folder) => Directory.GetFiles(folder, "*.json")
        .Select(path => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path)))
        .ToDictionary(call => (call.GetProperty("call_id").GetString()!, call.GetProperty("started_at").GetString()!));

    private static IEnumerable<string> Differences(string file, JsonElement expected, string live, JsonElement actual)
    {
        foreach (string member in (string[])["from", "to"])
            if (Text(expected, member) != Text(actual, member))
                yield return $"{member} {Text(actual, member)} instead of {Text(expected, member)}";
        var (mine, its) = (Streams(expected), Streams(actual));
        bool isOpen = mine.Values.Any(stream => Text(stream, "end_reason") == EndOfCapture);
        if (!isOpen && expected.GetProperty("events").GetRawText() != actual.GetProperty("events").GetRawText())
            yield return "other events";
        foreach (int role in mine.Keys.Union(its.Keys).Order())
        {
            if (!mine.TryGetValue(role, out var left) || !its.TryGetValue(role, out var right))
                yield return $"role {role} in one only";
            else if (Difference(file, left, live, right, isOpen) is { } difference)
                yield return $"role {role}: {difference}";
        }
    }

    private static string? Difference(string file, JsonElement expected, string live, JsonElement actual, bool isOpen)
    {
        if (!isOpen && Text(expected, "end_reason") != Text(actual, "end_reason"))
            return $"ended {Text(actual, "end_reason")} instead of {Text(expected, "end_reason")}";
        long first = expected.GetProperty("first_position").GetInt64(), other = actual.GetProperty("first_position").GetInt64();
        if (first != other)
            return $"begins at {other} instead of {first}";
        var (left, right) = (Audio(file, expected, isOpen), Audio(live, actual, isOpen));
        return left.Span.SequenceEqual(right.Span) ? null
            : $"other audio from sample {left.Span.CommonPrefixLength(right.Span) / sizeof(short)} on ({right.Length} bytes instead of {left.Length})";
    }

    private static ReadOnlyMemory<byte> Audio(string folder, JsonElement stream, bool isOpen)
    {
        byte[] audio = File.ReadAllBytes(Path.Combine(folder, stream.GetProperty("pcm").GetString()!));
        return isOpen ? audio.AsMemory(0, audio.AsSpan().LastIndexOfAnyExcept((byte)0) + 1) : audio;
    }

    private static Dictionary<int, JsonElement> Streams(JsonElement call) =>
        call.GetProperty("streams").EnumerateArray().ToDictionary(stream => stream.GetProperty("role").GetInt32());

    private static string? Text(JsonElement element, string member) => element.TryGetProperty(member, out var value) ? value.GetString() : null;
}
