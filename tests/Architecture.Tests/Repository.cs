using System.Text.RegularExpressions;
using System.Xml.Linq;
using CallMirror.TestKit;

namespace CallMirror.Architecture.Tests;

/// <summary>The repository's projects, as their files say.</summary>
internal static partial class Repository
{
    private static readonly string Root = Path.GetFullPath(TestData.Path("../.."));

    public static IReadOnlyList<Project> Libraries { get; } = Projects("libraries");

    public static IReadOnlyList<Project> Services { get; } = Projects("services");

    public static IReadOnlyList<Project> Tests { get; } = Projects("tests");

    public static IReadOnlyList<Project> All { get; } = [.. Libraries, .. Services, .. Tests];

    /// <summary>Paths of the projects in the solution, relative to the root.</summary>
    public static IReadOnlyList<string> InSolution { get; } =
        [.. ProjectPath().Matches(File.ReadAllText(Path.Combine(Root, "Microservices.sln"))).Select(match => match.Value.Replace('\\', '/'))];

    private static List<Project> Projects(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];

    private static Project Read(string path)
    {
        var xml = XDocument.Load(path);
        return new Project(
            Path.GetRelativePath(Root, path).Replace('\\', '/'),
            Property(xml, "AssemblyName"),
            [.. Items(xml, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/')))],
            [.. Items(xml, "PackageReference"), .. Items(xml, "FrameworkReference")]);
    }

    private static string Property(XDocument xml, string name) =>
        xml.Descendants(name).SingleOrDefault()?.Value ?? "";

    private static IEnumerable<string> Items(XDocument xml, string name) =>
        xml.Descendants(name).Select(item => item.Attribute("Include")!.Value);

    [GeneratedRegex(@"(?<="")[^""]+\.csproj")]
    private static partial Regex ProjectPath();
}

/// <summary>A project file.</summary>
/// <param name="Path">Relative to the repository's root.</param>
/// <param name="Assembly">The name of what it builds.</param>
/// <param name="References">Names of the project files that it references.</param>
/// <param name="Packages">Packages and shared frameworks that it references.</param>
internal sealed record Project(string Path, string Assembly, IReadOnlyList<string> References, IReadOnlyList<string> Packages)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public override string ToString() => Name;
}
