using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>version</c>: what this is.</summary>
internal static class VersionCommand
{
    /// <summary>The product's version.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public static Command Create()
    {
        var command = new Command("version", "Say what this is.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        Console.WriteLine($"CallMirror {Version}");
        Console.WriteLine($"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}");
        Console.WriteLine(CaptureLibrary());
        return 0;
    }

    private static string CaptureLibrary()
    {
        try
        {
            return PcapDevices.LibraryVersion;
        }
        catch (CaptureException e)
        {
            return e.Message;
        }
    }
}
