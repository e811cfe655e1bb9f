namespace CallMirror.Contracts.Media;

/// <summary>
/// The binary layout of media messages, version 1, little-endian. The byte table is in <c>docs/protocols/media.md</c>, and for machines in <c>contracts/asyncapi.yaml</c>.
/// A message is a header, the call-id, then one section a role; a section is its head, its runs of samples, its marks.
/// </summary>
public static class MediaLayout
{
    /// <summary>The first byte of every message.</summary>
    public const byte Version = 1;

    /// <summary>
    /// How many samples before a run's first capture repeats as <see cref="RunFlags.History"/>: what any resampling filter may look back,
    /// twice its reach less one.
    /// </summary>
    public const int HistorySamples = 64;

    /// <summary>Longest call-id, in bytes of UTF-8.</summary>
    public const int MaxCallIdBytes = 4096;

    internal static class Header
    {
        public const int Version = 0;
        public const int Kind = 1;
        public const int Length = 2;
        public const int Source = 4;
        public const int Sequence = 8;
        public const int SampleRate = 12;
        public const int Epoch = 16;
        public const int CapturedAt = 24;
        public const int CallIdLength = 32;
        public const int SectionCount = 34;
        public const int Reserved = 35;
        public const int Size = 40;
    }

    internal static class Section
    {
        public const int Role = 0;
        public const int Flags = 1;
        public const int RunCount = 2;
        public const int MarkCount = 4;
        public const int Reserved = 6;
        public const int Through = 8;
        public const int Size = 16;
    }

    internal static class Run
    {
        public const int Position = 0;
        public const int Ssrc = 8;
        public const int Timestamp = 12;
        public const int Codec = 16;
        public const int Flags = 17;
        public const int Reserved = 18;
        public const int PayloadLength = 20;
        public const int Size = 24;
    }

    internal static class Mark
    {
        public const int Position = 0;
        public const int Kind = 8;
        public const int Code = 9;
        public const int Reserved = 10;
        public const int Value = 12;
        public const int Size = 16;
    }
}
