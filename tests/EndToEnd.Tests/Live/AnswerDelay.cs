using System.Globalization;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>The one place that says how sip-tracker's answers are held back in a process of the product.</summary>
internal static class AnswerDelay
{
    private const string Setting = "SipTracker__AnswerDelay";
    private const string Variable = "CallMirror__" + Setting;

    /// <summary>What the environment of the process must hold.</summary>
    public static IEnumerable<string> Environment(TimeSpan delay) =>
        delay == TimeSpan.Zero ? [] : [$"{Variable}={Text(delay)}"];

    /// <summary>The same as a setting of the service.</summary>
    public static (string Name, string Value) OfService(TimeSpan delay) => (Setting, Text(delay));

    private static string Text(TimeSpan delay) => delay.ToString("c", CultureInfo.InvariantCulture);
}
