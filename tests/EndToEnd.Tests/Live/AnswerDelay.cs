using System.Globalization;
using CallMirror.SipTracker;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>The one place that says how sip-tracker's answers are held back in a process of the product.</summary>
internal static class AnswerDelay
{
    private const string Option = "AnswerDelay";
    private const string Variable = "CallMirror__SipTracker__" + Option;

    /// <summary>Whether the product can be told to.</summary>
    public static bool IsPossible => typeof(SipTrackerOptions).GetProperty(Option) is not null;

    /// <summary>What the environment of the process must hold.</summary>
    public static IEnumerable<string> Environment(TimeSpan delay) =>
        delay == TimeSpan.Zero ? [] : [$"{Variable}={delay.ToString("c", CultureInfo.InvariantCulture)}"];
}
