namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Tests of many processes in real time: one after the other, and beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class OneAtATime
{
    public const string Name = "distributed";
}
