using CallMirror.Transcoder.Tracing;
using CallMirror.Transcoder.Work;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CallMirror.Transcoder;

/// <summary>Registers the transcoder in a host.</summary>
public static class TranscoderServices
{
    // "CallMirror": { "Transcoder": { "OutputRate": 16000, "Workers": 1 } }

    /// <summary>Adds workers that turn RTP batches of the host's media bus into L16 chunks.</summary>
    public static IServiceCollection AddTranscoder(this IServiceCollection services, Action<TranscoderOptions>? configure = null)
    {
        services.AddOptionsWithValidateOnStart<TranscoderOptions, TranscoderOptionsValidator>()
            .BindConfiguration(TranscoderOptions.Section)
            .Configure(options => configure?.Invoke(options));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<TranscoderMetrics>();
        services.AddSingleton<TranscodeSpans>();
        services.AddHostedService<TranscoderWorker>();
        return services;
    }
}
