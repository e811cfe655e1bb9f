using System.Text.Json;

namespace CallMirror.EndToEnd.Tests.FoundCalls;

/// <summary>A call that a tap finds in its middle, by its media; a re-INVITE names it 2.6 s later, and changes its codec.</summary>
internal static class Renegotiated
{
    /// <summary>When the tap begins, in seconds of the whole capture: from then on the PBX is heard first, and is role 0.</summary>
    public const double PbxFirst = 0.5;

    /// <summary>From then on the phone is heard first.</summary>
    public const double PhoneFirst = 0.505;

    /// <summary>More than a second later: the call is found.</summary>
    public const double Found = 2.5;

    /// <summary>Shortly before the re-INVITE.</summary>
    public const double Unnamed = 3.05;

    /// <summary>After its 200.</summary>
    public const double Named = 4;

    private const string Capture = "reneg-codec";
    private const string Pbx = "sip:10088@192.168.137.100:5080";
    private const string Phone = "sip:1000@192.168.137.100";

    public static MidCall MidCall(double from) => new(TestData.Capture(Capture), from);

    public static string CallId => Scenario.CallIds(Capture).Single();

    /// <summary>What a listener was told, from <c>start</c> on: the name by media first, that of SIP once, and else all stays as it was.</summary>
    public static void AssertNamedOnce(IEnumerable<JsonElement> texts, string foundId, bool isPbxFirst = true)
    {
        var all = texts.ToList();
        var renamed = Assert.Single(all, text => text.GetProperty("type").GetString() == "renamed");
        Assert.StartsWith("rtp-", foundId, StringComparison.Ordinal);
        Assert.Equal((foundId, foundId), (Text(all[0], "call_id"), Text(renamed, "old_call_id")));
        // The PBX sent the re-INVITE, but roles stay as they are.
        var (from, to) = isPbxFirst ? (Pbx, Phone) : (Phone, Pbx);
        Assert.Equal((CallId, from, to), (Text(renamed, "call_id"), Text(renamed, "from"), Text(renamed, "to")));
        Assert.Equal(Text(all[0], "started_at"), Text(renamed, "started_at"));
        Assert.Equal((foundId, "bye"), (Text(all[^1], "call_id"), Text(all[^1], "reason")));
    }

    private static string? Text(JsonElement text, string field) => text.TryGetProperty(field, out var value) ? value.GetString() : null;
}
