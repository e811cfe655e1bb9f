using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Transcoding;

/// <summary>What must be known of a section before the first sample is written: that all is in order, and its last stretch.</summary>
internal readonly record struct SectionPlan
{
    /// <summary>Over four years of samples at 8 kHz: no call is longer, and no arithmetic on positions can overflow.</summary>
    public const long MaxPosition = 1L << 40;

    /// <summary>Position of the section's last stretch, as far back as this message shows it; <see cref="End"/> where there is none.</summary>
    public required long Start { get; init; }

    /// <summary>Where the last stretch ends; -1 where there is none.</summary>
    public required long End { get; init; }

    /// <summary>
    /// The last stretch may go on at its end, so its last outputs must wait. A stretch that ends before <c>through</c> can't go on: what lies
    /// between is silence, for certain.
    /// </summary>
    public required bool Open { get; init; }

    /// <summary>Checks the runs and marks of a section.</summary>
    public static bool TryMake(MediaSection section, out SectionPlan plan, out TranscodeError error)
    {
        plan = default;
        error = CheckMarks(section);
        if (error == TranscodeError.None && section.Through is < -1 or > MaxPosition)
            error = TranscodeError.PositionOutOfRange;
        long start = -1;
        long end = -1;
        if (error == TranscodeError.None)
            error = CheckRuns(section, ref start, ref end);
        if (error == TranscodeError.None && end > section.Through)
            error = TranscodeError.RunBeyondThrough;
        bool open = (section.Flags & SectionFlags.Open) != 0 && (end < 0 || end == section.Through);
        plan = new SectionPlan { Start = start, End = end, Open = open };
        return error == TranscodeError.None;
    }

    private static TranscodeError CheckRuns(MediaSection section, ref long start, ref long end)
    {
        bool anyNew = false;
        foreach (var run in section.Runs)
        {
            var header = run.Header;
            bool history = (header.Flags & RunFlags.History) != 0;
            if (header.Codec is not (MediaCodec.Pcma or MediaCodec.Pcmu))
                return TranscodeError.UnknownCodec;
            if (header.Position is < 0 or > MaxPosition)
                return TranscodeError.PositionOutOfRange;
            // An earlier message carried all history, so it lies before all that is new.
            if (header.Position < end || (history && anyNew))
                return TranscodeError.MisorderedRuns;
            if (header.Position != end)
                start = header.Position;
            end = header.Position + run.Payload.Length;
            anyNew |= !history;
        }

        return TranscodeError.None;
    }

    private static TranscodeError CheckMarks(MediaSection section)
    {
        foreach (var mark in section.Marks)
            if (mark.Position is < -1 or > MaxPosition)
                return TranscodeError.PositionOutOfRange;
        return TranscodeError.None;
    }
}
