using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CallMirror.WsSink.Tests;

/// <summary>The page in a real browser: what stands there after its script has run.</summary>
public sealed partial class BrowserTests
{
    private const string Browser = "chromium";

    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Hold_and_resume_stand_there_once_and_seconds_are_those_of_the_rate()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var caller = await StartAsync(sink, "a-0");
        using var callee = await StartAsync(sink, "a-1");
        foreach (var side in new[] { caller, callee })
        {
            await side.SendAudioAsync(0, 5 * 8000);
            await side.SendTextAsync("""{"type":"hold","by":"callee","position":16000}""");
            await side.SendTextAsync("""{"type":"resume","by":"callee","position":32000}""");
        }

        await caller.SendEventAsync("dtmf", 40_000, "5");
        await caller.FinishAsync(40_000);
        await callee.FinishAsync(40_000);

        string page = await DumpAsync(sink.Server.PageUri!);

        Assert.Equal(["hold callee 0:02", "resume callee 0:04", "key 5 caller 0:05"], Items().Matches(page).Select(item => Tags().Replace(item.Groups[1].Value, "")));
        Assert.Contains("<dd id=\"stored\">0:10</dd>", page, StringComparison.Ordinal);
    }

    private static async Task<SinkClient> StartAsync(SinkFixture sink, string tag)
    {
        var client = await sink.ConnectAsync();
        var start = SinkClient.Start(tag);
        start["sample_rate"] = 8000;
        await client.SendAsync(start);
        await client.AckAsync();
        return client;
    }

    private static async Task<string> DumpAsync(Uri page)
    {
        string profile = SinkFixture.NewFolder();
        var start = new ProcessStartInfo(
            Browser,
            ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={profile}", "--virtual-time-budget=3000", "--dump-dom", page.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var browser = Process.Start(start)!;
        try
        {
            var said = browser.StandardError.ReadToEndAsync(SinkFixture.Cancel);
            string shown = await browser.StandardOutput.ReadToEndAsync(SinkFixture.Cancel).WaitAsync(Hang, TimeProvider.System, SinkFixture.Cancel);
            await browser.WaitForExitAsync(SinkFixture.Cancel);
            Assert.True(browser.ExitCode == 0 && shown.Length > 0, $"the browser has shown nothing: {await said}");
            return shown;
        }
        finally
        {
            if (!browser.HasExited)
                browser.Kill(entireProcessTree: true);
            Directory.Delete(profile, recursive: true);
        }
    }

    [GeneratedRegex("<li>(.*?)</li>")]
    private static partial Regex Items();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();
}
