namespace CallMirror.Audio.Tests.G711;

/// <summary>ITU-T G.711 as its tables 1a to 2b define it: decision values x(n), and outputs y(n) in the middle between two of them.</summary>
internal static class G711Tables
{
    /// <summary>Table 1a/1b: intervals of width 2 up to 64, then sixteen of each power of two up to 4096.</summary>
    internal static short ALawValue(byte code)
    {
        int[] x = DecisionValues(first: [0], segments: [(2, 32), (4, 16), (8, 16), (16, 16), (32, 16), (64, 16), (128, 16)]);
        int n = ((code ^ 0x55) & 0x7F) + 1;
        int y = (x[n - 1] + x[n]) * 8 / 2;
        return (short)(code >= 0x80 ? y : -y);
    }

    /// <summary>Table 2a/2b: an interval of 1, fifteen of width 2 up to 31, then sixteen of each power of two up to 8159.</summary>
    internal static short MuLawValue(byte code)
    {
        int[] x = DecisionValues(first: [0, 1], segments: [(2, 15), (4, 16), (8, 16), (16, 16), (32, 16), (64, 16), (128, 16), (256, 16)]);
        int n = 0x7F - (code & 0x7F);
        int y = n == 0 ? 0 : (x[n] + x[n + 1]) * 4 / 2;
        return (short)(code >= 0x80 ? y : -y);
    }

    private static int[] DecisionValues(int[] first, (int Width, int Count)[] segments)
    {
        var values = new List<int>(first);
        foreach (var (width, count) in segments)
        {
            for (int i = 0; i < count; i++)
                values.Add(values[^1] + width);
        }

        return [.. values];
    }
}
