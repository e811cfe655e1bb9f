using CallMirror.Capture.Sources;

namespace CallMirror.Capture.Pcap;

/// <summary>An interface that can be captured from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What libpcap says of it, or an empty string.</param>
/// <param name="IsUp">It is up and running.</param>
public sealed record PcapDevice(string Name, string Description, bool IsUp);

/// <summary>The interfaces of this machine.</summary>
public static unsafe class PcapDevices
{
    private const uint UpAndRunning = 0x2 | 0x4;

    /// <summary>The version of libpcap, in its own words.</summary>
    public static string LibraryVersion => Libpcap.Text(Libpcap.LibraryVersion());

    /// <summary>All interfaces, those that libpcap would take first at the front.</summary>
    /// <exception cref="CaptureException">They can't be listed.</exception>
    public static IReadOnlyList<PcapDevice> List()
    {
        byte* error = stackalloc byte[Libpcap.ErrorBufferSize];
        Libpcap.Device* first;
        if (Libpcap.FindAllDevices(&first, error) != 0)
            throw new CaptureException($"the interfaces can't be listed: {Libpcap.Text(error)}");
        List<PcapDevice> devices = [];
        for (var device = first; device != null; device = device->Next)
            devices.Add(new PcapDevice(Libpcap.Text(device->Name), Libpcap.Text(device->Description), (device->Flags & UpAndRunning) == UpAndRunning));
        Libpcap.FreeAllDevices(first);
        return devices;
    }
}
