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
        byte[] codes = ReadAll(input);
        using var file = Files.Create(output);
        for (int start = 0; start < codes.Length; start += BlockSamples)
            file.Write(MemoryMarshal.AsBytes(Block(codes, start, law, rate).AsSpan()));
        return 0;
    }

    private static byte[] ReadAll(string path)
    {
        using var file = AudioFile.OpenBare(path, BareG711);
        if (file.Length > Array.MaxLength)
            throw new CommandException($"{path} is too long: at most {Array.MaxLength} bytes, three days of audio");
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static short[] Block(byte[] codes, int start, G711Law law, int rate)
    {
        int count = Math.Min(BlockSamples, codes.Length - start);
        var samples = new short[count * (rate / InputRate)];
        if (rate != InputRate)
            G711Upsampler.Decode(law, codes, start, count, samples);
        else if (law == G711Law.ALaw)
            ALaw.Decode(codes.AsSpan(start, count), samples);
        else
            MuLaw.Decode(codes.AsSpan(start, count), samples);
        return samples;
    }
}
