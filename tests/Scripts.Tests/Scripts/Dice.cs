namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>Random numbers that are the same on every machine and with every runtime: SplitMix64.</summary>
internal sealed class Dice(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    /// <summary>Dice of their own for a part, so that a change of one part changes no other.</summary>
    public static Dice Of(params ReadOnlySpan<int> parts)
    {
        ulong state = Golden;
        foreach (int part in parts)
            state = Mix(state ^ ((ulong)(uint)part + Golden));
        return new Dice(state);
    }

    public ulong Next() => Mix(_state += Golden);

    /// <summary>From <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    /// <summary>True so many times in a hundred.</summary>
    public bool Percent(int percent) => Between(0, 99) < percent;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Between(0, choices.Length - 1)];

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
