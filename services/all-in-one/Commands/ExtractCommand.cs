using System.CommandLine;
using CallMirror.AllInOne.Extraction;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture;
using CallMirror.Capture.Pcap;
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
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder to write to.", Required = true };
        var json = CommonOptions.Json();
        var command = new Command("extract", "Write each stream's payload as captured (.alaw, .ulaw), and as WAV.") { pcap, output, filter, json };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(
            parsed.GetRequiredValue(pcap), parsed.GetRequiredValue(output), parsed.GetValue(filter), parsed.GetValue(json), cancellationToken)));
        return command;
    }

    private static int Run(FileInfo[] files, DirectoryInfo output, string? filter, bool json, CancellationToken cancellationToken)
    {
        using IPacketSource source = new ConcatenatedSource([.. files.Select(file => PcapFileSource.Open(file.ToString(), filter))]);
        using var extractor = new Extractor(output.FullName, new CaptureOptions());
        try
        {
            extractor.Run(source, cancellationToken);
        }
        finally
        {
            RunReport.Write(extractor.Ledger.Calls(), json);
        }

        return 0;
    }
}
