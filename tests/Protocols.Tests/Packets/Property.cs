using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Protocols.Tests.Packets;

/// <summary>Checks a property over generated values, the same ones in every run.</summary>
internal static class Property
{
    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20_261_122, 1);

    public static void Holds<T>(Action<T> check) => Check.One(Config, Prop.ForAll(check));

    public static void Holds<T>(Gen<T> values, Action<T> check) => Check.One(Config, Prop.ForAll(values.ToArbitrary(), check));
}
