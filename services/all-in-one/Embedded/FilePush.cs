using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Messaging.InProcess;
using CallMirror.WsGateway;

namespace CallMirror.AllInOne.Embedded;

/// <summary>Pushes an L16 file as the caller of a call that it makes up: a gateway and its lane, with the file in place of the transcoder.</summary>
internal sealed class FilePush : IAsyncDisposable
{
    public const string Group = "push";

    private const int ChunkMilliseconds = 100;
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(15);

    private readonly IHost _host;
    private readonly int _rate;
    private readonly InProcessMediaBus _bus;
    private readonly Gateway _gateway;

    private FilePush(IHost host, int rate)
    {
        (_host, _rate) = (host, rate);
        _bus = host.Services.GetRequiredService<InProcessMediaBus>();
        _gateway = host.Services.GetRequiredService<Gateway>();
    }

    /// <summary>Starts a gateway to the listener.</summary>
    public static async Task<FilePush> StartAsync(Listener listener, int rate, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddStderr(LogLevel.Warning);
        builder.Services.AddInProcessMediaBus(WhenFull.Wait);
        builder.Services.AddWsGateway(Group, gateway =>
        {
            listener.Apply(gateway);
            gateway.GiveUpAfter = GiveUpAfter;
        });
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new FilePush(host, rate);
    }

    /// <summary>Pushes the whole file; returns null, or one sentence that says why the listener could not be given all of it.</summary>
    public async Task<string?> RunAsync(Stream audio, string callId, double? speed, CancellationToken stopping)
    {
        var startedAt = TimeProvider.System.GetUtcNow();
        var call = new PushedCall(callId, CaptureTime.ToNanoseconds(startedAt), _rate);
        await _bus.OpenLaneAsync(Group, call.Key, stopping);
        _gateway.Follow(call.Negotiated(startedAt));
        var reason = await PublishAsync(audio, call, speed, stopping) ? EndReason.Bye : EndReason.Stopped;
        await _bus.PublishChunkAsync(call.Key, call.End(reason), CancellationToken.None);
        await _gateway.WhenIdleAsync(CancellationToken.None);
        return _gateway.FirstFailure.IsCompletedSuccessfully ? await _gateway.FirstFailure : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    // False where it was stopped, or the listener is gone.
    private async Task<bool> PublishAsync(Stream audio, PushedCall call, double? speed, CancellationToken stopping)
    {
        byte[] piece = new byte[_rate * ChunkMilliseconds / 1000 * sizeof(short)];
        long started = TimeProvider.System.GetTimestamp();
        try
        {
            for (int i = 0; await audio.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, stopping) is > 0 and var length; i++)
            {
                if (_gateway.FirstFailure.IsCompleted)
                    return false;
                await _bus.PublishChunkAsync(call.Key, call.Chunk(piece.AsSpan(0, length)), stopping);
                var due = TimeSpan.FromMilliseconds(speed is null ? 0 : (i + 1) * ChunkMilliseconds / speed.Value);
                if (due - TimeProvider.System.GetElapsedTime(started) is { Ticks: > 0 } wait)
                    await Task.Delay(wait, TimeProvider.System, stopping);
            }

            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }
}
