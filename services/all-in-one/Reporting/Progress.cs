using CallMirror.AllInOne.Embedded;
using Spectre.Console;

namespace CallMirror.AllInOne.Reporting;

/// <summary>Shows on stderr how far a run is, where stderr is a terminal.</summary>
internal static class Progress
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    public static async Task<T> ShowAsync<T>(EmbeddedPipeline pipeline, Func<Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Status().StartAsync("starting", async status =>
        {
            var running = work();
            while (await Task.WhenAny(running, Task.Delay(Period, TimeProvider.System, CancellationToken.None)) != running)
                status.Status = Markup.Escape(Line(pipeline));
            return await running;
        });
    }

    private static string Line(EmbeddedPipeline pipeline)
    {
        var figures = pipeline.Capture.Figures;
        string share = figures.BytesTotal > 0 ? $" ({Math.Min(100, 100 * figures.BytesRead / figures.BytesTotal)} %)" : "";
        string drops = figures.DroppedByKernel > 0 ? $", {figures.DroppedByKernel} dropped by the kernel" : "";
        return $"{figures.Packets} packets{share}{drops}, {pipeline.Gateways.Sum(gateway => gateway.CallCount)} calls up, {pipeline.Ledger.Count} seen";
    }
}
