using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests;

/// <summary>Checks a property over generated values, the same ones in every run.</summary>
internal static class Property
{
    private static readonly Config Seeded = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300).WithReplay(20_261_122, 1);

    public static void Holds<T>(Gen<T> values, Action<T> check) => Check.One(Seeded, Prop.ForAll(values.ToArbitrary(), check));
}
