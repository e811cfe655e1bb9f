namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>The product on an interface, in one of its two shapes.</summary>
internal interface ILiveShape : IAsyncDisposable
{
    /// <summary>Stops it in order: what it said, and its exit code, which is not 0 where some part of it had another.</summary>
    Task<CommandResult> StopAsync();
}
