using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Audio.Tests;

/// <summary>Signals to try things on.</summary>
internal static class Signals
{
    /// <summary>Any samples, loud ones as likely as quiet ones, up to a few blocks of them.</summary>
    internal static Gen<short[]> Any { get; } =
        Gen.Sized(size => Gen.Choose(short.MinValue, short.MaxValue).Select(v => (short)v).ArrayOf(Math.Max(1, size) * 3));
}
