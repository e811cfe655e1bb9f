using System.CommandLine;
using CallMirror.AllInOne.Extraction;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture;
using CallMirror.Capture.Sources;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>extract</c>: each stream of a capture as files.</summary>
internal static class ExtractCommand
{
    public static Command Create()
    {
        var pcap = CommonOptions.Pcap();
        pcap.Required = true;
        var filter = CommonOptions.Filter();
        var output = new Option<string>("--out") { Description = "Folder to write to.", Required = true, HelpName = "DIR" };
        var json = CommonOptions.Json();
        var command = new Command("extract", "Write each stream's payload as captured (.alaw, .ulaw), and as WAV.") { pcap, output, filter, json };
        command.SetAction((parsed, stopping) => RunAsync(
            parsed.GetRequiredValue(pcap), parsed.GetRequiredValue(output), parsed.GetValue(filter), parsed.GetValue(json), stopping));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, string output, string? filter, bool json, CancellationToken stopping)
    {
        using var source = MergedSource.OpenFiles(files, filter);
        using var extractor = new Extractor(Files.Folder(output), new CaptureOptions { Window = InputOptions.ThroughputWindow });
        try
        {
            // On a thread of its own: Ctrl-C is only heeded while the command waits.
            return await Progress.ShowAsync(CommandOutput.Standard, () => Progress.Of(source.Figures), () => Task.Run(() => Extract(), CancellationToken.None));
        }
        finally
        {
            var seen = CaptureSeen.Of(extractor.Counters, source.Figures);
            RunReport.Write(CommandOutput.Standard, json, extractor.Ledger.Calls(), extractor.Ended, seen);
        }

        int Extract()
        {
            extractor.Run(source, stopping);
            return 0;
        }
    }
}
