using System.Text.Json;

namespace CallMirror.EndToEnd.Tests.FoundCalls;

/// <summary>A call that a tap finds in its middle, by its media; a re-INVITE names it 2.6 s later, and changes its codec.</summary>
internal static class Renegotiated
{
    /// <summary>Seconds from the beginning of the whole capture.</summary>
    public const double TapBegins = 0.5;
    public const double ReinviteAt = 3.05;
    public const double Named = 4;

    private const string Capture = "reneg-codec";

    public static MidCall MidCall => new(TestData.Capture(Capture), TapBegins);

    public static string CallId => Scenario.CallIds(Capture).Single();

    /// <summary>What a listener was told, from <c>start</c> on: its name by media first, that of SIP once, and none of the rest changes with it.</summary>
    public static void AssertNamedOnce(IEnumerable<JsonElement> texts, string foundId)
    {
        var all = texts.ToList();
        var renamed = Assert.Single(all, text => text.GetProperty("type").GetString() == "renamed");
        Assert.StartsWith("rtp-", foundId, StringComparison.Ordinal);
        Assert.Equal((foundId, foundId), (Text(all[0], "call_id"), Text(renamed, "old_call_id")));
        // The PBX sent the re-INVITE.
        Assert.Equal((CallId, "sip:10088@192.168.137.100:5080", "sip:1000@192.168.137.100"), (Text(renamed, "call_id"), Text(renamed, "from"), Text(renamed, "to")));
        Assert.Equal(Text(all[0], "started_at"), Text(renamed, "started_at"));
        Assert.Equal((foundId, "bye"), (Text(all[^1], "call_id"), Text(all[^1], "reason")));
    }

    private static string? Text(JsonElement text, string field) => text.TryGetProperty(field, out var value) ? value.GetString() : null;
}
