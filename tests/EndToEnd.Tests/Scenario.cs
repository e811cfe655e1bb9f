using System.Text.Json;

namespace CallMirror.EndToEnd.Tests;

/// <summary>What happened in a capture, as FreeSWITCH and the phones noted it.</summary>
internal static class Scenario
{
    /// <summary>The Call-IDs of FreeSWITCH's own call records, each once.</summary>
    public static HashSet<string> CallIds(string capture) => [.. Legs(capture).Select(leg => leg.GetProperty("sip_call_id").GetString()!)];

    public static List<JsonElement> Legs(string capture) =>
        Json($"captures/{capture}/scenario.json").TryGetProperty("freeswitch_legs", out var legs) ? [.. legs.EnumerateArray()] : [];

    /// <summary>The RTP streams that an independent reading found, by SSRC.</summary>
    public static List<JsonElement> Streams(string capture) => [.. Json($"captures/{capture}/verify.json").GetProperty("streams").EnumerateArray()];

    private static JsonElement Json(string path) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(TestData.Path(path)));
}
