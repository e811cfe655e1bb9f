using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CallMirror.Audio.G711;

/// <summary>Decoding by table: 256 values of 16 bits stay in the first-level cache.</summary>
internal static class ExpansionTable
{
    internal const int Codes = 256;

    internal static short[] Build(Func<byte, short> expand)
    {
        var values = new short[Codes];
        for (int code = 0; code < Codes; code++)
            values[code] = expand((byte)code);
        return values;
    }

    internal static void Decode(short[] values, ReadOnlySpan<byte> source, Span<short> destination)
    {
        Lengths.Require(destination.Length, source.Length);
        ref short table = ref MemoryMarshal.GetArrayDataReference(values);
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref short to = ref MemoryMarshal.GetReference(destination);

        // No bounds checks below: the table has an entry for every byte, and the lengths have been compared.
        nuint length = (nuint)source.Length;
        nuint unrolled = length & ~(nuint)3;
        nuint i = 0;
        for (; i < unrolled; i += 4)
        {
            Unsafe.Add(ref to, i) = Unsafe.Add(ref table, (nuint)Unsafe.Add(ref from, i));
            Unsafe.Add(ref to, i + 1) = Unsafe.Add(ref table, (nuint)Unsafe.Add(ref from, i + 1));
            Unsafe.Add(ref to, i + 2) = Unsafe.Add(ref table, (nuint)Unsafe.Add(ref from, i + 2));
            Unsafe.Add(ref to, i + 3) = Unsafe.Add(ref table, (nuint)Unsafe.Add(ref from, i + 3));
        }

        for (; i < length; i++)
            Unsafe.Add(ref to, i) = Unsafe.Add(ref table, (nuint)Unsafe.Add(ref from, i));
    }
}
