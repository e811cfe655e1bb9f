using System.IO.Compression;
using CallMirror.Capture.Sources;

namespace CallMirror.Capture.Pcap;

/// <summary>A capture file as a stream: opened once, and unpacked where gzip has packed it.</summary>
internal sealed class CaptureStream : IDisposable
{
    private const string StandardInput = "-";

    private readonly Stream _raw;
    private BegunStream? _packed;

    // Else .NET takes a packed file that is cut off for one that ends there.
    static CaptureStream() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);

    private CaptureStream(Stream raw, string name, long length) => (_raw, Name, Length) = (raw, name, length);

    // RFC 1952 §2.3.1.
    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    /// <summary>The file as sentences name it.</summary>
    public string Name { get; }

    /// <summary>Its length, or 0 where nobody can tell: it is a pipe.</summary>
    public long Length { get; }

    /// <summary>How much of a packed file has been read; null where it is not packed.</summary>
    public long? PackedBytes => _packed?.Given;

    /// <summary>Opens a file, a named pipe, or with <c>-</c> standard input.</summary>
    /// <exception cref="CaptureException">It is not there, or may not be read.</exception>
    public static CaptureStream Open(string path)
    {
        if (path == StandardInput)
            return new CaptureStream(Console.OpenStandardInput(), "standard input", 0);
        try
        {
            if (Directory.Exists(path))
                throw new CaptureException($"{path} is a folder, not a capture file");
            // No buffer of its own: there is one behind it.
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return new CaptureStream(file, path, file.CanSeek ? file.Length : 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaptureException($"{path} does not exist", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new CaptureException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Its content. Waits for the first bytes, which say whether it is packed.</summary>
    public Stream Unpacked()
    {
        byte[] first = new byte[GzipMagic.Length];
        int length = _raw.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var whole = new BegunStream(first, length, _raw);
        if (!first.AsSpan(0, length).SequenceEqual(GzipMagic))
            return whole;
        _packed = whole;
        return new GZipStream(whole, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    public void Dispose() => _raw.Dispose();
}
