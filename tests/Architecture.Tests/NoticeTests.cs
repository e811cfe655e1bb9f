using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CallMirror.TestKit;

namespace CallMirror.Architecture.Tests;

public sealed partial class NoticeTests
{
    private static readonly string Packages =
        typeof(NoticeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == nameof(Packages)).Value!;

    public static TheoryData<string, string> Pinned { get; } = [.. XDocument.Load(InRoot("Directory.Packages.props"))
        .Descendants("PackageVersion").Select(package => (package.Attribute("Include")!.Value, package.Attribute("Version")!.Value))];

    [Fact]
    public void Every_package_has_a_notice_and_every_notice_a_package() =>
        Assert.Equal(Pinned.Select(row => row.Data.Item1).Order(), Notices().Select(notice => notice.Package).Order());

    [Theory]
    [MemberData(nameof(Pinned))]
    public void A_notice_says_what_the_package_says_of_itself(string package, string version)
    {
        string folder = Path.Combine(Packages, package.ToLowerInvariant(), version);
        var says = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Descendants().Single(element => element.Name.LocalName == "license");

        Assert.Equal(says.Value, Notices().Single(notice => notice.Package == package).Licence);
    }

    private static IEnumerable<(string Package, string Licence)> Notices() =>
        Row().Matches(File.ReadAllText(InRoot("THIRD-PARTY-NOTICES.md"))).Select(row => (row.Groups[1].Value, row.Groups[2].Value)).Skip(1);

    private static string InRoot(string file) => TestData.Path("../../" + file);

    // The first is the table's head.
    [GeneratedRegex(@"^\| ([\w.]+) \| ([^|]+) \| ", RegexOptions.Multiline)]
    private static partial Regex Row();
}
