using System.Text;
using CallMirror.Contracts.Naming;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Contracts.Tests.Naming;

public sealed class StreamTagTests
{
    /// <summary>Call-ids as they come and as they should not: separators, dots, blanks, controls, other scripts, any length.</summary>
    private static Gen<string> CallIds { get; } = Gen.OneOf(
        Gen.Elements("abcAZ09._@+=-/\\ :;\0\n\u00e9\u4e2d\"*?<>|%".ToCharArray()).ListOf().Select(chars => new string([.. chars])),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get),
        Gen.Choose(150, 400).Select(length => new string('x', length)));

    [Theory]
    [InlineData("7e3b-84f1@192.0.2.1", "7e3b-84f1@192.0.2.1-0")]
    [InlineData("a_b+c=d.e", "a_b+c=d.e-0")]
    [InlineData("x", "x-0")]
    public void A_harmless_call_id_is_kept_as_it_is(string callId, string tag) => Assert.Equal(tag, StreamTag.For(callId, 0));

    [Theory]
    [InlineData("../../etc/cron.d/x")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("NUL\0")]
    [InlineData("\u4e2d\u6587")]
    public void A_harmful_call_id_gets_a_safe_tag(string callId)
    {
        string tag = StreamTag.For(callId, 1);
        Assert.True(StreamTag.IsSafe(tag), tag);
        Assert.EndsWith("-1", tag, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_tag_is_a_safe_file_name_even_when_it_is_resumed() => Properties.Hold(CallIds, callId =>
    {
        for (int role = 0; role < 2; role++)
        {
            string tag = StreamTag.For(callId, role);
            foreach (string name in new[] { tag, StreamTag.ForResumed(tag, 0), StreamTag.ForResumed(tag, long.MaxValue) })
            {
                Assert.True(StreamTag.IsSafe(name), name);
                Assert.NotEqual('.', name[0]);
                Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, StreamTag.MaxBytes);
                Assert.Equal(name, Path.GetFileName(name));
                Assert.DoesNotContain(name, c => !(char.IsAsciiLetterOrDigit(c) || "._@+=-".Contains(c, StringComparison.Ordinal)));
            }
        }
    });

    [Theory]
    [InlineData("a/b", "a:b")]
    [InlineData("a/b", "a_b")]
    [InlineData(".a", "_a")]
    [InlineData("", "_")]
    [InlineData("a/b", "a_b_c14cddc033f64b9d")]
    public void Call_ids_that_differ_only_in_replaced_characters_get_different_tags(string one, string other) =>
        Assert.NotEqual(StreamTag.For(one, 0), StreamTag.For(other, 0));

    [Fact]
    public void Call_ids_that_differ_only_past_the_cut_get_different_tags()
    {
        string start = new('x', 300);
        Assert.NotEqual(StreamTag.For(start + "1", 0), StreamTag.For(start + "2", 0));
    }

    // printf a/b | sha256sum
    [Fact]
    public void A_replaced_character_costs_a_piece_of_the_call_ids_sha256() => Assert.Equal("a_b_c14cddc033f64b9d-0", StreamTag.For("a/b", 0));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0")]
    [InlineData("\u00e9")]
    public void A_name_that_could_leave_the_folder_is_unsafe(string tag) => Assert.False(StreamTag.IsSafe(tag));

    [Fact]
    public void A_name_over_200_bytes_is_unsafe()
    {
        Assert.True(StreamTag.IsSafe(new string('x', StreamTag.MaxBytes)));
        Assert.False(StreamTag.IsSafe(new string('x', StreamTag.MaxBytes + 1)));
    }
}
