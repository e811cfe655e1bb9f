using System.Buffers.Binary;
using CallMirror.AllInOne.Load;
using CallMirror.Audio.G711;
using CallMirror.Capture.Synthetic;

namespace CallMirror.EndToEnd.Tests.Load;

/// <summary>The measuring listener hears what is wrong, to the sample.</summary>
public sealed class MeasuredStreamTests
{
    private const int FrameSamples = 320;
    private const int Frames = 50;
    private const long Epoch = 1_700_000_000_000_000_000;

    private readonly LoadTally _tally = new(new LoadPlan { Calls = 2, Seconds = 1 });
    private readonly MeasuredStream _stream;
    private readonly long _first = 2 * LoadCall.FirstPosition(1);

    public MeasuredStreamTests() => _stream = _tally.Find(LoadCall.IdOf(1), 1)!;

    [Fact]
    public void What_was_said_is_neither_lost_nor_different()
    {
        _stream.Begin(_first, Epoch);
        for (int i = 0; i < Frames; i++)
            Take(i, Said(i));
        _stream.Finish();

        Assert.Equal((Frames * FrameSamples, 0, 0), (_stream.Samples, _stream.Lost, _stream.Different));
        Assert.Equal(Frames, _tally.Latency.Count);
        Assert.Equal(71, _tally.Latency.Percentile(1));
    }

    [Fact]
    public void Silence_and_frames_that_never_came_are_lost()
    {
        _stream.Begin(_first + FrameSamples, Epoch);
        Take(1, new byte[2 * FrameSamples]);
        Take(3, Said(3));
        _stream.Finish();

        Assert.Equal((Frames - 1) * FrameSamples, _stream.Lost);
        Assert.Equal(0, _stream.Different);
    }

    [Fact]
    public void Another_sample_is_different_and_a_frame_that_comes_again_is_passed_over()
    {
        _stream.Begin(_first, Epoch);
        byte[] wrong = Said(0);
        BinaryPrimitives.WriteInt16LittleEndian(wrong.AsSpan(40), 1);
        Take(0, wrong);
        Take(0, Said(0));
        Take(1, Said(2));

        Assert.Equal(2 * FrameSamples, _stream.Samples);
        Assert.InRange(_stream.Different, 2 + 200, 2 + FrameSamples);
        Assert.Equal(0, _stream.Lost);
    }

    [Fact]
    public void A_stream_that_nobody_made_up_is_a_stranger()
    {
        Assert.Null(_tally.Find("somebody@example.com", 0));
        Assert.Equal(1, _tally.Strangers);
    }

    private void Take(int frame, byte[] audio) =>
        _stream.Take(_first + (frame * FrameSamples), audio, Epoch + (long)(LoadCall.ArrivalOf(1, frame) + TimeSpan.FromMilliseconds(70)).TotalNanoseconds);

    // Every second sample as it was said; what the resampler puts between is nobody's business here.
    private static byte[] Said(int packet)
    {
        byte[] audio = new byte[2 * FrameSamples];
        var codes = LoadVoice.Packet(1, 1, packet);
        for (int i = 0; i < codes.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(audio.AsSpan(4 * i), ALaw.Decode(codes[i]));
            BinaryPrimitives.WriteInt16LittleEndian(audio.AsSpan((4 * i) + 2), 12345);
        }

        return audio;
    }
}
