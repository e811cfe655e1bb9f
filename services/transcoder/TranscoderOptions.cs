using System.ComponentModel.DataAnnotations;
using CallMirror.Transcoder.Transcoding;
using Microsoft.Extensions.Options;

namespace CallMirror.Transcoder;

/// <summary>Settings of the transcoder.</summary>
public sealed class TranscoderOptions
{
    /// <summary>The section of the configuration that they are read from.</summary>
    public const string Section = "CallMirror:Transcoder";

    /// <summary>Rate of the L16 that comes out, in Hz: 16000, or 8000 to keep the samples as decoded.</summary>
    [AllowedValues(BatchTranscoder.InputRate, 2 * BatchTranscoder.InputRate, ErrorMessage = "The field TranscoderOptions.OutputRate must be 8000 or 16000.")]
    public int OutputRate { get; set; } = 2 * BatchTranscoder.InputRate;

    /// <summary>Messages transcoded at the same time by this process.</summary>
    [Range(1, 64)]
    public int Workers { get; set; } = 1;

    /// <summary>Chunks of one worker that the bus has not confirmed yet, before it takes no more batches.</summary>
    [Range(1, 10_000)]
    public int Unconfirmed { get; set; } = 1024;
}

/// <summary>Checks <see cref="TranscoderOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TranscoderOptionsValidator : IValidateOptions<TranscoderOptions>;
