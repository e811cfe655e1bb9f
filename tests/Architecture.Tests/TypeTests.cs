using System.Reflection;
using System.Runtime.CompilerServices;

namespace CallMirror.Architecture.Tests;

/// <summary>Habits that the compiler does not check.</summary>
public sealed class TypeTests
{
    private static readonly string[] EmptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities"];

    private static readonly string[] EmptyFolders = ["Models", "Helpers", "Interfaces", "Utils", "Utilities", "Common"];

    public static TheoryData<string> Assemblies => [.. Repository.Libraries.Concat(Repository.Services).Select(project => project.Assembly)];

    [Theory, MemberData(nameof(Assemblies))]
    public void Classes_are_sealed_abstract_or_static(string assembly) =>
        Assert.Empty(Types(assembly).Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false }).Select(type => type.FullName));

    [Theory, MemberData(nameof(Assemblies))]
    public void An_abstract_class_has_descendants_and_an_interface_implementations(string assembly)
    {
        var everything = Repository.Libraries.Concat(Repository.Services).SelectMany(project => Types(project.Assembly)).ToList();
        Assert.Empty(Types(assembly).Where(type => type.IsAbstract && !type.IsSealed)
            .Where(type => !everything.Any(other => other != type && type.IsAssignableFrom(other))).Select(type => type.FullName));
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void No_type_is_named_for_nothing(string assembly) =>
        Assert.Empty(Types(assembly).Where(type => EmptyWords.Any(word => EndsInWord(type.Name, word))).Select(type => type.FullName));

    [Theory, MemberData(nameof(Assemblies))]
    public void Namespaces_are_features_under_the_name_of_the_assembly(string assembly)
    {
        string root = assembly == "callmirror" ? "CallMirror.AllInOne" : assembly;
        Assert.NotEmpty(Types(assembly));
        foreach (var type in Types(assembly))
        {
            Assert.True(type.Namespace == root || type.Namespace?.StartsWith(root + ".", StringComparison.Ordinal) == true, type.FullName);
            Assert.DoesNotContain(type.Namespace!.Split('.'), EmptyFolders.Contains);
        }
    }

    /// <summary>What we wrote: nothing that the compiler made, and not the <c>Program</c> around top-level statements.</summary>
    private static IEnumerable<Type> Types(string assembly) =>
        Assembly.Load(assembly).GetTypes().Where(type => !IsGenerated(type) && type.FullName != "Program");

    private static bool IsGenerated(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute)) ||
        type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute)) ||
        type.Name.Contains('<', StringComparison.Ordinal) ||
        (type.DeclaringType is { } outer && IsGenerated(outer)) ||
        type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true ||
        type.Namespace?.StartsWith("Microsoft", StringComparison.Ordinal) == true ||
        type.Name.StartsWith("__", StringComparison.Ordinal);

    private static bool EndsInWord(string name, string word) => name.Split('`')[0].EndsWith(word, StringComparison.Ordinal);
}
