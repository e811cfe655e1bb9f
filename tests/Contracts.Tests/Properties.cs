using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Contracts.Tests;

/// <summary>FsCheck with a fixed seed, so that a run finds what the last one found.</summary>
internal static class Properties
{
    private static readonly Config Seeded = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(500).WithReplay(20260301, 7);

    internal static void Hold<T>(Action<T> property) => Hold(ArbMap.Default.ArbFor<T>(), property);

    internal static void Hold<T>(Arbitrary<T> values, Action<T> property) => Prop.ForAll(values, property).Check(Seeded);
}
