using System.Text.Json;

namespace CallMirror.EndToEnd.Tests;

/// <summary>The lines that <c>--json</c> writes.</summary>
internal sealed record Report(IReadOnlyList<JsonElement> Calls, IReadOnlyList<JsonElement> Streams)
{
    /// <summary>Reads them; each must be an object that says what it is.</summary>
    public static Report Parse(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.All(lines, line => Assert.Contains(line.GetProperty("type").GetString(), (string[])["call", "stream"]));
        return new Report(
            [.. lines.Where(line => line.GetProperty("type").GetString() == "call")],
            [.. lines.Where(line => line.GetProperty("type").GetString() == "stream")]);
    }

    public JsonElement Call(string callId) => Calls.Single(call => call.GetProperty("call_id").GetString() == callId);

    public JsonElement Stream(string callId, int role) =>
        Streams.Single(stream => stream.GetProperty("call_id").GetString() == callId && stream.GetProperty("role").GetInt32() == role);
}
