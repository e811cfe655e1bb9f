using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CallMirror.Audio;

/// <summary>Two runs of samples into one, a pair at a time: <c>first[0] second[0] first[1] second[1]</c> and so on.</summary>
internal static class Interleaving
{
    // A pair is one 32-bit lane with the first sample in the low half, which memory order makes the first on little-endian machines only.
    internal static bool IsVectorised => BitConverter.IsLittleEndian && Vector128.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector256<short> first, Vector256<short> second, ref short destination)
    {
        var (firstLow, firstHigh) = Vector256.Widen(first.AsUInt16());
        var (secondLow, secondHigh) = Vector256.Widen(second.AsUInt16());
        (firstLow | (secondLow << 16)).AsInt16().StoreUnsafe(ref destination);
        (firstHigh | (secondHigh << 16)).AsInt16().StoreUnsafe(ref destination, (nuint)Vector256<short>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector128<short> first, Vector128<short> second, ref short destination)
    {
        var (firstLow, firstHigh) = Vector128.Widen(first.AsUInt16());
        var (secondLow, secondHigh) = Vector128.Widen(second.AsUInt16());
        (firstLow | (secondLow << 16)).AsInt16().StoreUnsafe(ref destination);
        (firstHigh | (secondHigh << 16)).AsInt16().StoreUnsafe(ref destination, (nuint)Vector128<short>.Count);
    }
}
