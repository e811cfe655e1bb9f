namespace CallMirror.AllInOne.Commands;

/// <summary>Tells files of bare samples, which begin with anything, from those whose first bytes name another format.</summary>
internal static class AudioFile
{
    private const int LongestMagic = 12;

    private static readonly (byte[] Magic, int Offset, string Name)[] Formats =
    [
        ("RIFF"u8.ToArray(), 0, "a WAV file"),
        ("RF64"u8.ToArray(), 0, "a WAV file"),
        ("BW64"u8.ToArray(), 0, "a WAV file"),
        ("FORM"u8.ToArray(), 0, "an AIFF file"),
        (".snd"u8.ToArray(), 0, "an AU file"),
        ("fLaC"u8.ToArray(), 0, "a FLAC file"),
        ("OggS"u8.ToArray(), 0, "an Ogg file"),
        ("ID3"u8.ToArray(), 0, "an MP3 file"),
        ("ftyp"u8.ToArray(), 4, "an MP4 file"),
        ("#!AMR"u8.ToArray(), 0, "an AMR file"),
        ("caff"u8.ToArray(), 0, "a CAF file"),
        ([0x1A, 0x45, 0xDF, 0xA3], 0, "a Matroska file"),
        ([0x1F, 0x8B, 0x08], 0, "a gzip file"),
        ([0xD4, 0xC3, 0xB2, 0xA1], 0, "a capture (pcap)"),
        ([0xA1, 0xB2, 0xC3, 0xD4], 0, "a capture (pcap)"),
        ([0x4D, 0x3C, 0xB2, 0xA1], 0, "a capture (pcap)"),
        ([0x0A, 0x0D, 0x0D, 0x0A], 0, "a capture (pcapng)"),
    ];

    /// <summary>Opens a file of bare samples.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">What the command reads, as in <c>bare L16</c>, and how to make it of another file.</param>
    /// <exception cref="CommandException">It is of another format, holds nothing, or can't be read.</exception>
    public static FileStream OpenBare(string path, (string Name, string Recipe) wanted)
    {
        var file = Files.Read(path);
        try
        {
            Span<byte> head = stackalloc byte[LongestMagic];
            head = head[..file.ReadAtLeast(head, LongestMagic, throwOnEndOfStream: false)];
            if (head.IsEmpty)
                throw new CommandException($"{path} is empty");
            if (NameOf(head) is { } name)
                throw new CommandException($"{path} is {name}, not {wanted.Name}; {wanted.Recipe}");
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string? NameOf(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, offset, name) in Formats)
            if (head.Length >= offset + magic.Length && head[offset..].StartsWith(magic))
                return name;
        return null;
    }
}
