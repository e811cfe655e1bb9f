using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.TestKit;

/// <summary>Checks a property over generated values: the same ones in every run, so that a run finds what the last one found.</summary>
public static class Properties
{
    /// <summary>How many values are tried where the test does not say.</summary>
    public const int Runs = 500;

    /// <summary>Tries values of any kind that <typeparamref name="T"/> has; a failure is shrunk.</summary>
    /// <exception cref="Exception">The check threw for one of them, which the message names.</exception>
    public static void Hold<T>(Action<T> check, int runs = Runs) => Prop.ForAll(ArbMap.Default.ArbFor<T>(), check).Check(Seeded(runs));

    /// <summary>As above, for a check that answers.</summary>
    /// <exception cref="Exception">It answered no for one of them, which the message names.</exception>
    public static void Hold<T>(Func<T, bool> check, int runs = Runs) => Prop.ForAll(ArbMap.Default.ArbFor<T>(), check).Check(Seeded(runs));

    /// <summary>Tries what <paramref name="values"/> makes, as it is made.</summary>
    /// <exception cref="Exception">The check threw for one of them, which the message names.</exception>
    public static void Hold<T>(Gen<T> values, Action<T> check, int runs = Runs) => Prop.ForAll(values.ToArbitrary(), check).Check(Seeded(runs));

    /// <summary>As above, for a check that answers.</summary>
    /// <exception cref="Exception">It answered no for one of them, which the message names.</exception>
    public static void Hold<T>(Gen<T> values, Func<T, bool> check, int runs = Runs) => Prop.ForAll(values.ToArbitrary(), check).Check(Seeded(runs));

    private static Config Seeded(int runs) => Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(runs).WithReplay(20_261_122, 1);
}
