using System.CommandLine;
using System.Runtime.InteropServices;
using CallMirror.Audio.G711;
using CallMirror.Audio.Resampling;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>decode</c>: a G.711 file to L16, as the transcoder would make it.</summary>
internal static class DecodeCommand
{
    private const int InputRate = 8000;
    private const int BlockSamples = 1 << 16;
    private const int Context = HalfBandInterpolator.Reach;

    private static readonly (string Name, string Recipe) BareG711 = ("bare G.711", "make one with: sox FILE -t al -r 8000 -c 1 FILE.al, or -t ul");

    public static Command Create()
    {
        var input = new Argument<string>("in") { Description = "G.711 file: a byte a sample, no header." };
        var output = new Argument<string>("out") { Description = "L16 file to write: little-endian, no header." };
        var codec = new Option<string>("--codec") { Description = "pcma (A-law) or pcmu (µ-law).", DefaultValueFactory = _ => "pcma" };
        codec.AcceptOnlyFromAmong("pcma", "pcmu");
        var rate = CommonOptions.Rate("Samples a second to write");
        var command = new Command("decode", "Decode a G.711 file to L16.") { input, output, codec, rate };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(input),
            parsed.GetRequiredValue(output),
            parsed.GetValue(codec) == "pcma" ? G711Law.ALaw : G711Law.MuLaw,
            parsed.GetValue(rate)));
        return command;
    }

    private static int Run(string input, string output, G711Law law, int rate)
    {
        using var codes = AudioFile.OpenBare(input, BareG711);
        using var samples = Files.Create(output);
        Decode(codes, samples, law, rate);
        return 0;
    }

    // In blocks, each with the codes on both sides of it that the filter looks at: so its seams are not heard, and a file takes as much memory as a block does.
    private static void Decode(FileStream input, FileStream output, G711Law law, int rate)
    {
        byte[] codes = new byte[Context + BlockSamples + Context];
        short[] samples = new short[codes.Length * (rate / InputRate)];
        int length = 0;
        int from = 0;
        while (true)
        {
            length += input.ReadAtLeast(codes.AsSpan(length), codes.Length - length, throwOnEndOfStream: false);
            bool isLast = length < codes.Length;
            int to = isLast ? length : length - Context;
            var block = samples.AsSpan(0, (to - from) * (rate / InputRate));
            Decode(codes.AsSpan(0, length), from..to, block, law, rate);
            output.Write(MemoryMarshal.AsBytes(block));
            if (isLast)
                return;
            codes.AsSpan(to - Context).CopyTo(codes);
            (length, from) = (length - (to - Context), Context);
        }
    }

    private static void Decode(ReadOnlySpan<byte> codes, Range block, Span<short> samples, G711Law law, int rate)
    {
        var (from, count) = block.GetOffsetAndLength(codes.Length);
        if (rate != InputRate)
            G711Upsampler.Decode(law, codes, from, count, samples);
        else if (law == G711Law.ALaw)
            ALaw.Decode(codes[block], samples);
        else
            MuLaw.Decode(codes[block], samples);
    }
}
