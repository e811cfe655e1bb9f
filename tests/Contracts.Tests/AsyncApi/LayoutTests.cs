using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.TestKit.Contract;

namespace CallMirror.Contracts.Tests.AsyncApi;

/// <summary>The binary layout as the contract describes it for machines, against the constants of the code.</summary>
public sealed partial class LayoutTests
{
    private static readonly JsonObject Layout = ContractFile.PayloadOf("L16Chunk")["x-layout"]!.AsObject();

    public static TheoryData<string, string> Structures => new()
    {
        { nameof(MediaLayout.Header), "header" },
        { nameof(MediaLayout.Section), "section" },
        { nameof(MediaLayout.Run), "run" },
        { nameof(MediaLayout.Mark), "mark" },
    };

    [Theory, MemberData(nameof(Structures))]
    public void Every_field_stands_where_the_code_has_it_and_there_is_no_other(string code, string contract)
    {
        var constants = typeof(MediaLayout).GetNestedType(code, BindingFlags.NonPublic)!.GetFields().ToDictionary(field => Camel(field.Name), field => (int)field.GetRawConstantValue()!);
        var offsets = Layout[contract]!.AsObject().ToDictionary(field => field.Key, field => field.Key == "size" ? (int)field.Value! : (int)field.Value!["offset"]!);
        Assert.Equal(constants.OrderBy(field => field.Key, StringComparer.Ordinal), offsets.OrderBy(field => field.Key, StringComparer.Ordinal));
    }

    [Theory, InlineData("header"), InlineData("section"), InlineData("run"), InlineData("mark")]
    public void The_fields_fill_their_structure_without_holes(string contract)
    {
        int at = 0;
        foreach (var (_, field) in Layout[contract]!.AsObject().Where(field => field.Key != "size"))
        {
            Assert.Equal(at, (int)field!["offset"]!);
            at += Bytes((string)field["type"]!);
        }

        Assert.Equal((int)Layout[contract]!["size"]!, at);
    }

    [Fact]
    public void The_numbers_and_their_names_are_those_of_the_code()
    {
        AssertEqual<MediaKind>("mediaKind");
        AssertEqual<MediaCodec>("mediaCodec");
        AssertEqual<SectionFlags>("sectionFlags");
        AssertEqual<RunFlags>("runFlags");
        AssertEqual<MarkKind>("markKind");
        Assert.Equal(Enum.GetValues<EndReason>().ToDictionary(EndReasons.Word, reason => (int)reason), Numbers("endReason"));
    }

    [Fact]
    public void Its_version_and_limits_are_those_of_the_code()
    {
        var limits = typeof(MediaLayout).GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(field => Camel(field.Name), field => Convert.ToInt32(field.GetRawConstantValue(), null));
        Assert.Equal(limits, Layout.Where(entry => limits.ContainsKey(entry.Key)).ToDictionary(entry => entry.Key, entry => (int)entry.Value!));
        Assert.Equal("little-endian", (string?)Layout["byteOrder"]);
    }

    private static void AssertEqual<T>(string name)
        where T : struct, Enum =>
        Assert.Equal(Enum.GetValues<T>().ToDictionary(value => Camel(value.ToString()), value => Convert.ToInt32(value, null)), Numbers(name));

    private static Dictionary<string, int> Numbers(string name) => Layout[name]!.AsObject().ToDictionary(entry => entry.Key, entry => (int)entry.Value!);

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static int Bytes(string type) =>
        type.StartsWith("bytes", StringComparison.Ordinal) ? int.Parse(type["bytes".Length..], null) : int.Parse(Bits().Match(type).Groups[1].Value, null) / 8;

    [GeneratedRegex("^[ui](8|16|32|64)$")]
    private static partial Regex Bits();
}
