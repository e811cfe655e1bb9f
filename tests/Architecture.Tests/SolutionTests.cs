namespace CallMirror.Architecture.Tests;

public sealed class SolutionTests
{
    [Fact]
    public void Every_project_is_in_the_solution_and_every_project_of_the_solution_is_there() =>
        Assert.Equal(Repository.All.Select(project => project.Path).Order(), Repository.InSolution.Order());

    [Fact]
    public void A_project_is_named_after_its_folder_tree_and_its_assembly_after_it() =>
        Assert.All(Repository.All.Where(project => project.Name != "CallMirror.AllInOne"), project => Assert.Equal(project.Name, project.Assembly));

    [Fact]
    public void Every_library_and_service_has_a_project_of_tests()
    {
        // The embedded shape is what the end-to-end tests run.
        var tested = Repository.Tests.Select(test => test.Name.Replace(".EndToEnd.Tests", ".AllInOne.Tests", StringComparison.Ordinal)).ToList();
        Assert.All(Repository.Libraries.Concat(Repository.Services), project => Assert.Contains(project.Name + ".Tests", tested));
    }

    [Fact]
    public void Projects_pin_no_versions_of_their_own() =>
        Assert.All(Repository.All, project =>
            Assert.DoesNotContain("Version=\"", File.ReadAllText(CallMirror.TestKit.TestData.Path($"../../{project.Path}")), StringComparison.Ordinal));
}
