using System.CommandLine;

namespace CallMirror.AllInOne.Commands;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<FileInfo[]> Pcap() => new("--pcap")
    {
        Description = "Capture files (pcap, pcapng), read one after the other.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "FILE...",
    };

    public static Option<string?> Filter() => new("--filter") { Description = "BPF filter, e.g. \"udp and host 10.0.0.1\".", HelpName = "BPF" };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object a call and stream on stdout, instead of a table." };
}
