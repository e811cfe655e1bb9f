namespace CallMirror.Audio.Resampling;

/// <summary>One way to compute a block of <see cref="HalfBandInterpolator.Block"/> input samples; all ways give the same bits.</summary>
internal interface IHalfBandKernel
{
    /// <summary>Whether this machine can run it.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>
    /// Reads <see cref="HalfBandInterpolator.Window"/> samples, of which the block's first stands at <see cref="HalfBandInterpolator.Before"/>,
    /// and writes two outputs for each of the block.
    /// </summary>
    static abstract void Run(ref short window, ref short destination);
}
