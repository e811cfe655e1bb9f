using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

/// <summary>A listener that is away for many streams is dialled as often as for one.</summary>
public sealed class SharedAttemptsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly SharedAttempts _attempts;

    public SharedAttemptsTests() => _attempts = new SharedAttempts(_time, new Random(1));

    [Fact]
    public void Right_after_a_failure_others_are_given_it_and_a_moment_later_one_tries_again()
    {
        var failure = new IOException("it answered 503");
        _attempts.ThrowIfResting();
        _attempts.Failed(failure);

        Assert.Same(failure, Assert.Throws<IOException>(_attempts.ThrowIfResting));
        _time.Advance(SharedAttempts.ShortestRest);
        _attempts.ThrowIfResting();
    }

    [Fact]
    public void However_many_knock_it_is_dialled_every_second_or_two()
    {
        int dialled = 0;
        for (var passed = TimeSpan.Zero; passed < Minute; passed += Step)
        {
            for (int stream = 0; stream < 20; stream++)
                dialled += Dial() ? 1 : 0;
            _time.Advance(Step);
        }

        Assert.InRange(dialled, 30, 70);
    }

    [Fact]
    public void Those_that_fail_at_once_count_as_one()
    {
        for (int i = 0; i < 200; i++)
            _attempts.Failed(new IOException("it answered 503"));
        _time.Advance(SharedAttempts.ShortestRest);

        _attempts.ThrowIfResting();
    }

    [Fact]
    public void Once_it_is_back_all_come_and_its_next_failure_is_a_first_one()
    {
        for (int i = 0; i < 10; i++)
        {
            _attempts.Failed(new IOException("it answered 503"));
            _time.Advance(SharedAttempts.LongestRest);
        }

        _attempts.Succeeded();
        _attempts.ThrowIfResting();
        _attempts.Failed(new IOException("it answered 503"));
        _time.Advance(SharedAttempts.ShortestRest);
        _attempts.ThrowIfResting();
    }

    private bool Dial()
    {
        try
        {
            _attempts.ThrowIfResting();
            _attempts.Failed(new IOException("it answered 503"));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
