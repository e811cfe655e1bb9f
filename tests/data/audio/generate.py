#!/usr/bin/env python3
"""Makes the golden files of this folder, independently of the C# code: G.711 from CPython's audioop (Python 3.12 or older),
the interpolator as the sum that defines it. Usage: generate.py SPEECH_8K.wav [FIRST_SECOND]"""

import array
import audioop
import pathlib
import sys
import wave

HERE = pathlib.Path(__file__).parent
# The integers of HalfBandFilter.cs, units of 2^-14.
H = [10396, -3370, 1912, -1256, 871, -617, 437, -306, 209, -139, 89, -54, 31, -16, 7, -2]


def samples_of(data):
    values = array.array("h", data)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tolist()


def little_endian(values):
    data = array.array("h", values)
    if sys.byteorder == "big":
        data.byteswap()
    return data.tobytes()


def upsample(x):
    at = lambda n: x[n] if 0 <= n < len(x) else 0
    out = []
    for n in range(len(x)):
        total = sum(h * (at(n - k) + at(n + 1 + k)) for k, h in enumerate(H))
        out += [x[n], max(-32768, min(32767, (total + 8192) >> 14))]
    return out


def native(values):
    return array.array("h", values).tobytes()


def write_decode_table():
    codes = bytes(range(256))
    alaw = array.array("h", audioop.alaw2lin(codes, 2))
    ulaw = array.array("h", audioop.ulaw2lin(codes, 2))
    rows = [f"{code},{alaw[code]},{ulaw[code]}" for code in codes]
    (HERE / "g711-decode.csv").write_text("\n".join(["code,alaw,ulaw"] + rows) + "\n")


def write_encode_table():
    """Only where the code changes: from first_sample up to the next row's, the code stays."""
    every = list(range(-32768, 32768))
    rows = ["law,first_sample,code"]
    for law, encode in (("alaw", audioop.lin2alaw), ("ulaw", audioop.lin2ulaw)):
        codes = encode(native(every), 2)
        rows += [f"{law},{s},{codes[i]}" for i, s in enumerate(every) if i == 0 or codes[i] != codes[i - 1]]
    (HERE / "g711-encode.csv").write_text("\n".join(rows) + "\n")


def write_speech(path, second):
    with wave.open(path) as source:
        assert (source.getnchannels(), source.getsampwidth(), source.getframerate()) == (1, 2, 8000)
        source.setpos(second * 8000)
        speech = native(samples_of(source.readframes(8000)))
    for law, encode, decode in (("alaw", audioop.lin2alaw, audioop.alaw2lin), ("ulaw", audioop.lin2ulaw, audioop.ulaw2lin)):
        codes = encode(speech, 2)
        decoded = array.array("h", decode(codes, 2)).tolist()
        (HERE / f"speech.{law}").write_bytes(codes)
        (HERE / f"speech-{law}-16k.pcm").write_bytes(little_endian(upsample(decoded)))


def write_extremes():
    """Full-scale squares and impulses, where rounding and saturation show."""
    x = [32767 if n // 8 % 2 else -32768 for n in range(96)] + [0] * 40
    x += [-32768 if h < 0 else 32767 for h in reversed(H)] + [-32768 if h < 0 else 32767 for h in H]
    x += [32767 if h < 0 else -32768 for h in reversed(H)] + [32767 if h < 0 else -32768 for h in H]
    x += [0] * 40 + [32767] + [0] * 40 + [-32768] + [0] * 20
    (HERE / "extremes-8k.pcm").write_bytes(little_endian(x))
    (HERE / "extremes-16k.pcm").write_bytes(little_endian(upsample(x)))


if __name__ == "__main__":
    write_decode_table()
    write_encode_table()
    write_extremes()
    write_speech(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
