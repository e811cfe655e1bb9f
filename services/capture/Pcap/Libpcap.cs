using System.Reflection;
using System.Runtime.InteropServices;

namespace CallMirror.Capture.Pcap;

/// <summary>The functions of libpcap that capture needs, as <c>pcap/pcap.h</c> declares them.</summary>
internal static unsafe partial class Libpcap
{
    public const int ErrorBufferSize = 256;
    public const int PrecisionNano = 1;
    public const uint NetmaskUnknown = 0xFFFFFFFF;

    /// <summary>Results of <see cref="NextEx"/>.</summary>
    public const int PacketRead = 1;

    /// <summary>No packet now.</summary>
    public const int NothingYet = 0;

    /// <summary>Warnings are positive, these errors of <see cref="Activate"/> negative.</summary>
    public const int NoSuchDevice = -5;

    /// <summary>The user may not capture.</summary>
    public const int PermissionDenied = -8;

    /// <summary>The interface is down.</summary>
    public const int InterfaceNotUp = -9;

    private const string Name = "pcap";

    // Debian has libpcap.so.0.8, Red Hat and Alpine libpcap.so.1; the plain name comes with the development package only.
    private static readonly string[] FileNames = ["libpcap.so.1", "libpcap.so.0.8", "libpcap.so", "libpcap.A.dylib"];

    static Libpcap() => NativeLibrary.SetDllImportResolver(typeof(Libpcap).Assembly, Resolve);

    [LibraryImport(Name, EntryPoint = "pcap_open_dead")]
    public static partial nint OpenDead(int linkType, int snapLength);

    [LibraryImport(Name, EntryPoint = "pcap_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Create(string device, byte* error);

    [LibraryImport(Name, EntryPoint = "pcap_set_snaplen")]
    public static partial int SetSnapLength(nint handle, int bytes);

    [LibraryImport(Name, EntryPoint = "pcap_set_promisc")]
    public static partial int SetPromiscuous(nint handle, int on);

    [LibraryImport(Name, EntryPoint = "pcap_set_immediate_mode")]
    public static partial int SetImmediateMode(nint handle, int on);

    [LibraryImport(Name, EntryPoint = "pcap_set_buffer_size")]
    public static partial int SetBufferSize(nint handle, int bytes);

    [LibraryImport(Name, EntryPoint = "pcap_set_timeout")]
    public static partial int SetTimeout(nint handle, int milliseconds);

    [LibraryImport(Name, EntryPoint = "pcap_set_tstamp_precision")]
    public static partial int SetTimestampPrecision(nint handle, int precision);

    [LibraryImport(Name, EntryPoint = "pcap_get_tstamp_precision")]
    public static partial int GetTimestampPrecision(nint handle);

    [LibraryImport(Name, EntryPoint = "pcap_activate")]
    public static partial int Activate(nint handle);

    [LibraryImport(Name, EntryPoint = "pcap_setnonblock")]
    public static partial int SetNonBlocking(nint handle, int on, byte* error);

    [LibraryImport(Name, EntryPoint = "pcap_datalink")]
    public static partial int DataLink(nint handle);

    [LibraryImport(Name, EntryPoint = "pcap_next_ex")]
    public static partial int NextEx(nint handle, PacketHeader** header, byte** data);

    [LibraryImport(Name, EntryPoint = "pcap_compile", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Compile(nint handle, FilterProgram* program, string filter, int optimize, uint netmask);

    [LibraryImport(Name, EntryPoint = "pcap_setfilter")]
    public static partial int SetFilter(nint handle, FilterProgram* program);

    [LibraryImport(Name, EntryPoint = "pcap_offline_filter")]
    public static partial int Matches(FilterProgram* program, PacketHeader* header, byte* data);

    [LibraryImport(Name, EntryPoint = "pcap_freecode")]
    public static partial void FreeCode(FilterProgram* program);

    [LibraryImport(Name, EntryPoint = "pcap_sendpacket")]
    public static partial int SendPacket(nint handle, byte* frame, int length);

    [LibraryImport(Name, EntryPoint = "pcap_stats")]
    public static partial int Stats(nint handle, Statistics* statistics);

    [LibraryImport(Name, EntryPoint = "pcap_geterr")]
    public static partial byte* GetError(nint handle);

    [LibraryImport(Name, EntryPoint = "pcap_close")]
    public static partial void Close(nint handle);

    [LibraryImport(Name, EntryPoint = "pcap_findalldevs")]
    public static partial int FindAllDevices(Device** devices, byte* error);

    [LibraryImport(Name, EntryPoint = "pcap_freealldevs")]
    public static partial void FreeAllDevices(Device* devices);

    [LibraryImport(Name, EntryPoint = "pcap_lib_version")]
    public static partial byte* LibraryVersion();

    /// <summary>A C string as text; an empty string for null.</summary>
    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path)
    {
        if (library != Name)
            return 0;
        foreach (string file in FileNames)
            if (NativeLibrary.TryLoad(file, assembly, path, out nint handle))
                return handle;
        throw new Sources.CaptureException("libpcap is not installed; on Debian and Ubuntu: apt-get install libpcap0.8");
    }

    /// <summary><c>struct pcap_pkthdr</c>; the second field of the time is nanoseconds where that precision was asked for.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PacketHeader
    {
        public nint Seconds;
        public nint Fraction;
        public uint CapturedLength;
        public uint OriginalLength;
    }

    /// <summary><c>struct bpf_program</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterProgram
    {
        public uint Length;
        public nint Instructions;
    }

    /// <summary><c>struct pcap_stat</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Statistics
    {
        public uint Received;
        public uint Dropped;
        public uint InterfaceDropped;
    }

    /// <summary><c>struct pcap_if</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Device
    {
        public Device* Next;
        public byte* Name;
        public byte* Description;
        public nint Addresses;
        public uint Flags;
    }
}
