#!/usr/bin/env bash
# libpcap's pcap_stats fills three 32-bit counters: received, dropped for want of room in the buffer, dropped by the interface (pcap_stats(3PCAP)).
# SharpPcap's Statistics gives 0 for the second on 64-bit Linux, whatever was dropped; the same handle asked through libpcap itself has thousands.
# Needs root, and sends 5,000 datagrams to the discard port of the loopback interface.
set -euo pipefail
sharppcap_version=6.3.1
libpcap_version=1.10.3-1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "libpcap0.8=$libpcap_version" >/dev/null 2>&1
dpkg -x ./*.deb .
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libpcap.so.0.8' | head -1)")
export LD_LIBRARY_PATH

cat > drops.cs <<CS
#:package SharpPcap@$sharppcap_version
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SharpPcap;
using SharpPcap.LibPcap;

const int Datagrams = 5000;
var device = LibPcapLiveDeviceList.Instance.First(known => known.Name == "lo");
// Nobody reads, and the buffer holds a few dozen.
device.Open(new DeviceConfiguration { ReadTimeout = 10, BufferSize = 65536, Snaplen = 2048 });
device.Filter = "udp port 9";
using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
var discard = new IPEndPoint(IPAddress.Loopback, 9);
for (int i = 0; i < Datagrams; i++)
{
    try { socket.SendTo(new byte[1000], discard); }
    catch (SocketException) { /* The host says that nobody listens there. */ }
}

var statistics = device.Statistics;
var counters = new PcapStat();
Native.Stats(device.Handle.DangerousGetHandle(), ref counters);
Console.WriteLine(\$"SharpPcap: dropped {statistics.DroppedPackets}");
Console.WriteLine(\$"libpcap: {(counters.Dropped > Datagrams / 2 ? "more than half" : \$"{counters.Dropped}")} dropped");
device.Close();

[StructLayout(LayoutKind.Sequential)]
internal struct PcapStat { public uint Received, Dropped, DroppedByInterface; }

internal static class Native
{
    [DllImport("libpcap.so.0.8", EntryPoint = "pcap_stats")]
    public static extern int Stats(nint handle, ref PcapStat counters);
}
CS
echo "SharpPcap $sharppcap_version, libpcap $libpcap_version, $(uname -m)"
output=$(dotnet run drops.cs)
echo "$output"
expected=$'SharpPcap: dropped 0\nlibpcap: more than half dropped'
[ "$output" = "$expected" ] || { echo "changed: expected"; echo "$expected"; exit 1; }
