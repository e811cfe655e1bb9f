using System.CommandLine;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture.Pcap;
using Spectre.Console;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>devices</c>: what can be captured from.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "List the interfaces that can be captured from.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var table = new Table().AddColumns("interface", "state", "description").Border(TableBorder.Simple);
        foreach (var device in PcapDevices.List())
            table.AddRow(Markup.Escape(device.Name), device.IsUp ? "up" : "down", Markup.Escape(device.Description));
        CommandOutput.Standard.Write(table);
        return 0;
    }
}
