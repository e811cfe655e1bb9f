using System.Diagnostics;

namespace CallMirror.TestKit;

/// <summary>A disk of a test's own that is soon full: a tmpfs, and a file that takes most of it until <see cref="MakeRoom"/>.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly bool _isMounted;

    /// <param name="kilobytes">How large it is.</param>
    /// <param name="free">How many kilobytes are free at first.</param>
    public SmallDisk(int kilobytes, int free)
    {
        _isMounted = Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", Path);
        if (_isMounted)
            File.WriteAllBytes(Filler, new byte[(kilobytes - free) * 1024]);
    }

    /// <summary>Whether this user may mount one; without it there is nothing to test.</summary>
    public bool IsThere => _isMounted;

    /// <summary>Its folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("callmirror-").FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Frees most of it.</summary>
    public void MakeRoom() => File.Delete(Filler);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isMounted)
            Run("umount", "--lazy", Path);
        Directory.Delete(Path, recursive: true);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
