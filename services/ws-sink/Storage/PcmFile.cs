using Microsoft.Win32.SafeHandles;

namespace CallMirror.WsSink.Storage;

/// <summary>
/// A stream's raw L16 samples, by position. What was written is in the operating system's hands at once: other processes see it,
/// and it outlives this one.
/// </summary>
internal sealed class PcmFile : IDisposable
{
    private const int BytesPerSample = 2;
    private readonly SafeFileHandle _handle;

    private PcmFile(SafeFileHandle handle, long first)
    {
        _handle = handle;
        First = first;
        // Half a sample at the end is what a killed process left; the next write goes over it.
        End = first + (RandomAccess.GetLength(handle) / BytesPerSample);
    }

    /// <summary>The position of the first sample in the file.</summary>
    public long First { get; }

    /// <summary>The position after the last sample in the file.</summary>
    public long End { get; private set; }

    /// <exception cref="IOException">The file is there already, or can't be made.</exception>
    public static PcmFile Create(string path, long first) => Open(path, first, FileMode.CreateNew);

    /// <exception cref="IOException">The file is not there, or can't be written.</exception>
    public static PcmFile Reopen(string path, long first) => Open(path, first, FileMode.Open);

    private static PcmFile Open(string path, long first, FileMode mode) =>
        new(File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite), first);

    /// <summary>Writes whole samples behind the last: all of them or, where that fails, none.</summary>
    public void Append(ReadOnlySpan<byte> samples)
    {
        long behind = (End - First) * BytesPerSample;
        try
        {
            RandomAccess.Write(_handle, samples, behind);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_handle, behind);
            throw;
        }

        End += samples.Length / BytesPerSample;
    }

    /// <summary>Puts silence behind the last sample, up to <paramref name="position"/>.</summary>
    public void SilenceTo(long position)
    {
        // Cut first, so that half a sample left over is not part of the silence.
        RandomAccess.SetLength(_handle, (End - First) * BytesPerSample);
        RandomAccess.SetLength(_handle, (position - First) * BytesPerSample);
        End = position;
    }

    public void Dispose() => _handle.Dispose();
}
