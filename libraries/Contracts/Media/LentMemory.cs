namespace CallMirror.Contracts.Media;

/// <summary>Memory that <see cref="MediaSlabs"/> has lent: a part of a slab, or an array of its own where it is too long for that.</summary>
/// <param name="Array">What it lies in; null: none.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Slab">Whose it is; null where it has an array of its own.</param>
internal readonly record struct LentMemory(byte[]? Array, int Offset, int Length, MediaSlab? Slab);
