using CallMirror.AllInOne.Commands;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Situations out of public reports, through everything: <c>tests/data/cases</c>.</summary>
public sealed class CaseTests
{
    public static TheoryData<string> Cases => [.. Names];

    /// <summary>All cases there are.</summary>
    internal static IEnumerable<string> Names =>
        Directory.EnumerateDirectories(TestData.Path("cases")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_sample_of_a_case_is_in_its_call_and_in_its_place(string name)
    {
        using var folder = new TemporaryFolder();

        var result = await Runs.ToSinkAsync(new Input([TestData.Path($"cases/{name}/mirror.pcap")], Device: null, Filter: null, Speed: null), folder.Path);

        Assert.Equal(0, result.ExitCode);
        var faults = CaseJudge.Judge(TestData.Path($"cases/{name}/expect.json"), folder.Path);
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }
}
