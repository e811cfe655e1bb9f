using System.Reflection;

namespace CallMirror.Architecture.Tests;

/// <summary>
/// The arrows of the design: services → Messaging, ServiceDefaults → Contracts → nothing; services → Protocols, Audio → nothing; no service
/// references another, and all-in-one alone references them all.
/// </summary>
public sealed class ReferenceTests
{
    private const string AllInOne = "CallMirror.AllInOne";

    private static readonly string[] Free = ["CallMirror.Protocols", "CallMirror.Audio", "CallMirror.Contracts"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["CallMirror.Protocols"] = [],
        ["CallMirror.Audio"] = [],
        ["CallMirror.Contracts"] = [],
        ["CallMirror.Messaging"] = ["CallMirror.Contracts"],
        ["CallMirror.ServiceDefaults"] = ["CallMirror.Contracts"],
    };

    public static TheoryData<string> ServiceNames => [.. Services.Select(service => service.Name)];

    public static TheoryData<string> LibraryNames => [.. Repository.Libraries.Select(library => library.Name)];

    private static IEnumerable<Project> Services => Repository.Services.Where(service => service.Name != AllInOne);

    [Theory, MemberData(nameof(LibraryNames))]
    public void A_library_references_what_the_design_allows(string name)
    {
        Assert.True(Allowed.ContainsKey(name), $"{name} is not in the design: say there, and here, what it may reference.");
        Assert.Empty(Referenced(name).Except(Allowed[name]));
    }

    [Theory, MemberData(nameof(ServiceNames))]
    public void A_service_references_libraries_only(string name) =>
        Assert.Empty(Referenced(name).Except(Repository.Libraries.Select(library => library.Name)));

    [Fact]
    public void All_in_one_references_every_service() => Assert.Empty(Services.Select(service => service.Name).Except(Referenced(AllInOne)));

    [Fact]
    public void There_are_the_five_services_of_the_design() => Assert.Equal(
        ["CallMirror.Capture", "CallMirror.SipTracker", "CallMirror.Transcoder", "CallMirror.WsGateway", "CallMirror.WsSink"],
        Services.Select(service => service.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void No_library_or_service_references_a_test() =>
        Assert.DoesNotContain(
            Repository.Libraries.Concat(Repository.Services).SelectMany(project => project.References),
            reference => Repository.Tests.Any(test => test.Name == reference));

    [Fact]
    public void Protocols_audio_and_contracts_need_nothing_but_the_base_class_library()
    {
        foreach (string name in Free)
        {
            Assert.Empty(Repository.Libraries.Single(library => library.Name == name).Packages);
            Assert.All(Assembly.Load(name).GetReferencedAssemblies(), reference =>
                Assert.True(reference.Name!.StartsWith("System.", StringComparison.Ordinal), $"{name} references {reference.Name}"));
        }
    }

    [Theory, MemberData(nameof(ServiceNames))]
    public void Not_even_the_compiled_service_knows_another(string name) =>
        Assert.DoesNotContain(
            Assembly.Load(name).GetReferencedAssemblies(),
            reference => Repository.Services.Any(service => service.Assembly == reference.Name));

    private static IReadOnlyList<string> Referenced(string project) =>
        Repository.All.Single(candidate => candidate.Name == project).References;
}
