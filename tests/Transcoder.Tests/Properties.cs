using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Transcoder.Tests;

/// <summary>FsCheck with a fixed seed, so that a run finds what the last one found.</summary>
internal static class Properties
{
    private static readonly Config Seeded = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(400).WithReplay(20260301, 7);

    internal static void Hold<T>(Arbitrary<T> values, Action<T> property) => Prop.ForAll(values, property).Check(Seeded);
}
