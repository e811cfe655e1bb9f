using CallMirror.Audio.Wav;
using CallMirror.TestKit;

namespace CallMirror.Audio.Tests.Wav;

public sealed class StereoTests
{
    [Fact]
    public void Left_and_right_take_turns_whatever_their_length() => Properties.Hold(Signals.Any, left =>
    {
        short[] right = [.. left.Select(sample => (short)(sample ^ 0x5A5A))];
        var destination = new short[(2 * left.Length) + 1];
        Stereo.Interleave(left, right, destination);
        return destination[..^1].SequenceEqual(left.Zip(right).SelectMany(pair => new[] { pair.First, pair.Second })) && destination[^1] == 0;
    });

    [Fact]
    public void Channels_of_different_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => Stereo.Interleave(new short[3], new short[4], new short[8]));

    [Fact]
    public void A_destination_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => Stereo.Interleave(new short[4], new short[4], new short[7]));

    [Fact]
    public void Interleaving_allocates_nothing()
    {
        var channel = new short[1003];
        var destination = new short[2006];
        Assert.Equal(0, Allocations.Of(() => Stereo.Interleave(channel, channel, destination)));
    }
}
