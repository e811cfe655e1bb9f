namespace CallMirror.Audio;

/// <summary>The one check every span method here makes of its caller.</summary>
internal static class Lengths
{
    internal static void Require(int available, long needed)
    {
        if (available < needed)
            ThrowTooShort();
    }

    private static void ThrowTooShort() => throw new ArgumentException("The destination is too short for what is written to it.");
}
