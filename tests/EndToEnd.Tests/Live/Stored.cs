using System.Text.Json;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>How far a sink is.</summary>
internal static class Stored
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>Streams that have ended, but those that only the capture's end has ended. A Call-ID may be there twice.</summary>
    public static int Ended(string folder) => !Directory.Exists(folder) ? 0 : Directory.GetFiles(folder, "*.json")
        .SelectMany(path => new Sidecar(JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path))).Streams)
        .Count(stream => stream.TryGetProperty("end_reason", out var reason) && reason.ValueKind == JsonValueKind.String && reason.GetString() != "end-of-capture");

    /// <summary>Waits until so many streams have ended, but not for long: whether they should have is said by who compares.</summary>
    public static async Task WaitForAsync(string folder, int streams, TimeSpan longest)
    {
        using var timer = new PeriodicTimer(Period);
        long started = TimeProvider.System.GetTimestamp();
        while (Ended(folder) < streams && TimeProvider.System.GetElapsedTime(started) < longest)
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }
}
