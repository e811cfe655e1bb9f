using CallMirror.Capture.Sources;
using Spectre.Console;

namespace CallMirror.AllInOne.Reporting;

/// <summary>Shows on stderr how far a run is, where stderr is a terminal.</summary>
internal static class Progress
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>Does the work, and meanwhile shows the line again and again.</summary>
    public static Task<T> ShowAsync<T>(CommandOutput output, Func<string> line, Func<Task<T>> work) => ShowAsync(output, line, _ => work());

    /// <summary>Does the work, which may note something now and then, and meanwhile shows the line again and again.</summary>
    public static async Task<T> ShowAsync<T>(CommandOutput output, Func<string> line, Func<Action<string>, Task<T>> work)
    {
        if (!output.IsWatched)
            return await work(output.Notes.WriteLine);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output.Notes) });
        return await console.Status().StartAsync("starting", async status =>
        {
            // Through the console that shows the line, which would stand in the middle of it otherwise.
            var running = work(console.WriteLine);
            while (await Task.WhenAny(running, Task.Delay(Period, TimeProvider.System, CancellationToken.None)) != running)
                status.Status = Markup.Escape(line());
            return await running;
        });
    }

    /// <summary>How far a source has been read.</summary>
    public static string Of(SourceFigures figures)
    {
        string share = figures.BytesTotal > 0 ? $" ({Math.Min(100, 100 * figures.BytesRead / figures.BytesTotal)} %)" : "";
        string drops = figures.DroppedByKernel > 0 ? $", {figures.DroppedByKernel} dropped by the kernel" : "";
        return $"{figures.Packets} packets{share}{drops}";
    }
}
