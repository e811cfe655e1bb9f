#!/usr/bin/env bash
# A pcapng file may hold packets of interfaces of different link types and snapshot lengths (draft-ietf-opsawg-pcapng §4.2: each Interface
# Description Block has its own); dumpcap -i a -i b and mergecap write such files. libpcap gives up with an error at the first description
# that differs from the file's first: where both stand at the beginning, not a packet is read.
set -euo pipefail
tcpdump_version=4.99.3-1
libpcap_version=1.10.3-1

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "tcpdump=$tcpdump_version" "libpcap0.8=$libpcap_version" >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" .; done
LD_LIBRARY_PATH=$(dirname "$(find . -name 'libpcap.so.0.8' | head -1)")
export LD_LIBRARY_PATH

# Section header, two interfaces, one ICMP echo of 28 bytes on each: as Ethernet where the link type is 1, bare where it is 101.
python3 - <<'PY'
import struct

def block(kind, body):
    body += bytes(-len(body) % 4)
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)

def interface(link, snaplen):
    return block(1, struct.pack("<HHI", link, 0, snaplen))

def packet(number, data):
    return block(6, struct.pack("<IIIII", number, 0, number, len(data), len(data)) + data)

ip = bytes.fromhex("4500001c00010000400115ddc0000201c0000202") + bytes.fromhex("0800f7ff00000000")
frame = bytes.fromhex("020000000002020000000001" "0800") + ip
section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))

def write(name, first, second):
    (link, snaplen), (other, othersnap) = first, second
    data = {1: frame, 101: ip}
    with open(name, "wb") as file:
        file.write(section + interface(link, snaplen) + interface(other, othersnap) + packet(0, data[link]) + packet(1, data[other]))

write("same.pcapng", (1, 262144), (1, 262144))
write("link-types.pcapng", (1, 262144), (101, 262144))
write("snapshot-lengths.pcapng", (1, 262144), (1, 65535))
PY

status=0
expect() {
  local name=$1 packets=$2 words=$3 output
  output=$(usr/bin/tcpdump -Z "$(id -un)" -nr "$name" 2>&1 || true)
  echo "--- $name"
  echo "$output"
  [ "$(grep -c 'ICMP echo request' <<<"$output")" = "$packets" ] && grep -qF "$words" <<<"$output" || { echo "changed: expected $packets packets and '$words'"; status=1; }
}

usr/bin/tcpdump --version 2>&1 | head -2
expect same.pcapng 2 "reading from file"
expect link-types.pcapng 0 "different from the type of the first interface"
expect snapshot-lengths.pcapng 0 "different from the snapshot length of the first interface"
exit $status
