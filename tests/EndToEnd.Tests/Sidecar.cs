using System.Text.Json;

namespace CallMirror.EndToEnd.Tests;

/// <summary>The sink's JSON beside the audio of a call, read as any consumer would.</summary>
internal sealed record Sidecar(JsonElement Json)
{
    public string CallId => Json.GetProperty("call_id").GetString()!;

    public DateTimeOffset StartedAt => Json.GetProperty("started_at").GetDateTimeOffset();

    /// <summary>All sidecars of a folder, by Call-ID.</summary>
    public static Dictionary<string, Sidecar> ReadAll(string folder) => Directory.GetFiles(folder, "*.json")
        .Select(path => new Sidecar(JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path)))).ToDictionary(call => call.CallId);

    /// <summary>Streams of a folder that have ended, so far.</summary>
    public static int EndedStreams(string folder) => !Directory.Exists(folder) ? 0 : ReadAll(folder).Values.SelectMany(call => call.Streams)
        .Count(stream => stream.TryGetProperty("end_reason", out var reason) && reason.ValueKind == JsonValueKind.String);

    /// <summary>Samples in the PCM files of a folder, so far.</summary>
    public static long StoredSamples(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*.pcm").Sum(path => new FileInfo(path).Length) / sizeof(short) : 0;

    public string? Text(string member) => Json.TryGetProperty(member, out var value) ? value.GetString() : null;

    public JsonElement Stream(int role) => Json.GetProperty("streams").EnumerateArray().Single(stream => stream.GetProperty("role").GetInt32() == role);

    public IEnumerable<JsonElement> Streams => Json.GetProperty("streams").EnumerateArray();

    /// <summary>The events of a type in one stream, in the order of the file.</summary>
    public List<JsonElement> Events(string type, int role) =>
        [.. Json.GetProperty("events").EnumerateArray().Where(each => each.GetProperty("type").GetString() == type && each.GetProperty("role").GetInt32() == role)];

    /// <summary>Milliseconds since the Unix epoch at which a position of this call was heard.</summary>
    public double HeardMs(long position, int sampleRate = 16000) =>
        (StartedAt - DateTimeOffset.UnixEpoch).TotalMilliseconds + position * 1000.0 / sampleRate;
}
