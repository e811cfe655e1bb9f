using System.Text.Json;

namespace CallMirror.EndToEnd.Tests;

/// <summary>The lines that <c>--json</c> writes.</summary>
internal sealed record Report(IReadOnlyList<JsonElement> Calls, IReadOnlyList<JsonElement> Streams, IReadOnlyList<JsonElement> Captures)
{
    /// <summary>Reads them; each must be an object that says what it is.</summary>
    public static Report Parse(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.All(lines, line => Assert.Contains(line.GetProperty("type").GetString(), (string[])["call", "stream", "capture"]));
        return new Report(Of("call"), Of("stream"), Of("capture"));

        List<JsonElement> Of(string type) => lines.FindAll(line => line.GetProperty("type").GetString() == type);
    }

    public JsonElement Call(string callId) => Calls.Single(call => call.GetProperty("call_id").GetString() == callId);

    public JsonElement Stream(string callId, int role) =>
        Streams.Single(stream => stream.GetProperty("call_id").GetString() == callId && stream.GetProperty("role").GetInt32() == role);
}
