#!/usr/bin/env bash
# G.711 has two codes for silence in the µ-law: 0xFF is +0 and 0x7F is -0, and both stand for the value 0 (ITU-T G.711, table 2b: decoder output
# value number 0). NAudio.Core's MuLawDecoder gives -1 for 0x7F, and the standard's value for each of the other 255 codes: silence that a sender
# writes as -0 does not come out as digital silence.
set -euo pipefail
naudio_version=3.3.0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > laws.cs <<CS
#:package NAudio.Core@$naudio_version
using NAudio.Codecs;

int differing = 0;
for (int code = 0; code < 256; code++)
{
    // Bits are sent inverted: sign, three bits of segment, four of step.
    int bits = ~code & 0xFF;
    int magnitude = ((((bits & 0x0F) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
    int standard = (bits & 0x80) != 0 ? -magnitude : magnitude;
    int decoded = MuLawDecoder.MuLawToLinearSample((byte)code);
    if (decoded == standard)
        continue;
    differing++;
    Console.WriteLine(\$"code 0x{code:X2}: G.711 {standard}, NAudio.Core {decoded}");
}

Console.WriteLine(\$"{differing} of 256 codes differ");
CS
echo "NAudio.Core $naudio_version"
output=$(dotnet run laws.cs)
echo "$output"
expected=$'code 0x7F: G.711 0, NAudio.Core -1\n1 of 256 codes differ'
[ "$output" = "$expected" ] || { echo "changed: expected"; echo "$expected"; exit 1; }
