using CallMirror.Contracts.Media;

namespace CallMirror.Contracts.Tests.Media;

public sealed class MediaBufferTests
{
    [Fact]
    public void What_is_appended_stays_while_the_buffer_grows()
    {
        using var buffer = new MediaBuffer(capacity: 1);
        var expected = new List<byte>();
        for (int i = 0; i < 300; i++)
        {
            buffer.Append(i).Fill((byte)i);
            expected.AddRange(Enumerable.Repeat((byte)i, i));
        }

        Assert.Equal(expected, buffer.Memory.ToArray());
        Assert.Equal(expected.Count, buffer.Length);
    }

    [Fact]
    public void A_cleared_buffer_is_filled_from_the_start()
    {
        using var buffer = new MediaBuffer();
        buffer.Append(3).Fill(1);
        buffer.Clear();
        buffer.Append(2).Fill(2);
        Assert.Equal([2, 2], buffer.Memory.ToArray());
    }

    [Fact]
    public void The_last_of_several_holders_gives_it_back()
    {
        var buffer = new MediaBuffer();
        buffer.Append(1)[0] = 7;
        Assert.Same(buffer, buffer.AddReference());
        buffer.Dispose();
        Assert.Equal([7], buffer.Memory.ToArray());
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Memory);
    }

    [Fact]
    public void Giving_it_back_too_often_or_using_it_afterwards_is_noticed()
    {
        var buffer = new MediaBuffer();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(buffer.Dispose);
        Assert.Throws<ObjectDisposedException>(() => buffer.AddReference());
        Assert.Throws<ObjectDisposedException>(() => buffer.Append(1).Length);
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
    }

    [Fact]
    public async Task Holders_on_many_threads_give_it_back_once()
    {
        const int Holders = 64;
        for (int round = 0; round < 100; round++)
        {
            var buffer = new MediaBuffer();
            for (int i = 1; i < Holders; i++)
                buffer.AddReference();
            await Parallel.ForAsync(0, Holders, TestContext.Current.CancellationToken, (_, _) =>
            {
                buffer.Dispose();
                return ValueTask.CompletedTask;
            });
            Assert.Throws<ObjectDisposedException>(() => buffer.Memory);
        }
    }
}
