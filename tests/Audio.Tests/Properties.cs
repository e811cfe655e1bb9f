using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Audio.Tests;

/// <summary>FsCheck with a fixed seed, so that a run finds what the last one found.</summary>
internal static class Properties
{
    private static readonly Config Seeded = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(500).WithReplay(20240229, 7);

    internal static void Hold<T>(Func<T, bool> property) => Hold(ArbMap.Default.ArbFor<T>(), property);

    internal static void Hold<T>(Arbitrary<T> values, Func<T, bool> property) => Prop.ForAll(values, property).Check(Seeded);

    /// <summary>Any samples, loud ones as likely as quiet ones, up to a few blocks of them.</summary>
    internal static Arbitrary<short[]> Signals { get; } =
        Gen.Sized(size => Gen.Choose(short.MinValue, short.MaxValue).Select(v => (short)v).ArrayOf(Math.Max(1, size) * 3)).ToArbitrary();
}
