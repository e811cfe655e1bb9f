namespace CallMirror.ServiceDefaults.Tests;

/// <summary>For tests that export traces: whoever listens to activities hears all of the process, those of the test beside it too.</summary>
internal static class OneAtATime
{
    public const string Name = "traces of the process";
}
