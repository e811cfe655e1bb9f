using System.Globalization;

namespace CallMirror.Capture.Sources;

/// <summary>How fast a file is played, as users write it.</summary>
public static class PlaybackSpeed
{
    /// <summary>As fast as it can be read.</summary>
    public const string Max = "max";

    /// <summary>Reads <c>1</c>, <c>2.5</c> or <c>max</c>. False where it is none, or beyond 10,000 times as captured.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="speed">Times as fast as captured; null for as fast as it can be read.</param>
    public static bool TryParse(string text, out double? speed)
    {
        speed = null;
        if (text == Max)
            return true;
        bool isSpeed = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double times) && times is > 0 and <= 10_000;
        speed = times;
        return isSpeed;
    }
}
