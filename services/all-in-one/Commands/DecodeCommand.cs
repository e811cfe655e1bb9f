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

    public static Command Create()
    {
        var input = new Argument<FileInfo>("in") { Description = "G.711 file: a byte a sample, no header." };
        var output = new Argument<FileInfo>("out") { Description = "L16 file to write: little-endian, no header." };
        var codec = new Option<string>("--codec") { Description = "pcma (A-law) or pcmu (µ-law).", DefaultValueFactory = _ => "pcma" };
        codec.AcceptOnlyFromAmong("pcma", "pcmu");
        var rate = new Option<int>("--rate") { Description = "Samples a second to write: 16000 or 8000.", DefaultValueFactory = _ => 2 * InputRate };
        rate.AcceptOnlyFromAmong("8000", "16000");
        var command = new Command("decode", "Decode a G.711 file to L16.") { input, output, codec, rate };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(input),
            parsed.GetRequiredValue(output),
            parsed.GetValue(codec) == "pcma" ? G711Law.ALaw : G711Law.MuLaw,
            parsed.GetValue(rate)));
        return command;
    }

    private static int Run(FileInfo input, FileInfo output, G711Law law, int rate)
    {
        if (!input.Exists)
            throw new CommandException($"{input} does not exist");
        byte[] codes = File.ReadAllBytes(input.FullName);
        using var file = output.Create();
        for (int start = 0; start < codes.Length; start += BlockSamples)
            file.Write(MemoryMarshal.AsBytes(Block(codes, start, law, rate).AsSpan()));
        return 0;
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
