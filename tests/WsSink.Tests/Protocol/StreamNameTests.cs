using CallMirror.TestKit;
using CallMirror.WsSink.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.WsSink.Tests.Protocol;

public sealed class StreamNameTests
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+=-";

    private static readonly Gen<string> NearlySafe =
        from length in Gen.Choose(0, 220)
        from letters in Gen.Elements((Letters + "./\\ :%\0ü").ToCharArray()).ArrayOf(length)
        from end in Gen.Elements("-0", "-1", "", "-2")
        select new string(letters) + end;

    // The rule once more, in the design's words.
    private static bool IsSafe(string tag) =>
        tag.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(tag) <= 200 && tag[0] != '.' && tag.All(letter => Letters.Contains(letter, StringComparison.Ordinal));

    [Fact]
    public void A_tag_is_taken_exactly_when_it_is_in_the_safe_form_and_has_its_role_where_it_ends_in_one() =>
        Properties.Hold(NearlySafe, tag =>
        {
            var hasRole = tag.Length > 2 && (tag.EndsWith("-0", StringComparison.Ordinal) || tag.EndsWith("-1", StringComparison.Ordinal));
            return StreamName.TryParse(tag, out var parsed) == IsSafe(tag)
                && (!IsSafe(tag) || (parsed.ToString() == tag && parsed.IsBare == !hasRole && (!hasRole || parsed.Role == tag[^1] - '0')));
        }, runs: 5000);

    [Fact]
    public void A_tag_that_is_taken_names_a_file_in_the_folder_and_nowhere_else() =>
        Properties.Hold(NearlySafe.Zip(Gen.Choose(1, 1000)), drawn =>
        {
            var (tag, take) = drawn;
            if (!StreamName.TryParse(tag, out var parsed))
                return true;
            var folder = Path.GetFullPath("/folder");
            return new[] { parsed.Take(take).ToString(), parsed.Take(take).Call }
                .All(name => Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, name + ".pcm"))) == folder);
        }, runs: 5000);

    [Fact]
    public void Any_string_at_all_is_judged_the_same_way_twice_and_never_throws() =>
        Properties.Hold<string>(tag => tag is null || StreamName.TryParse(tag, out _) == StreamName.TryParse(tag, out _));

    [Fact]
    public void The_first_take_has_the_tag_itself_and_later_ones_a_number()
    {
        Assert.True(StreamName.TryParse("x-1", out var tag));
        Assert.Equal("x-1", tag.Take(1).ToString());
        Assert.Equal("x.3-1", tag.Take(3).ToString());
        Assert.True(StreamName.TryParse("x", out var bare));
        Assert.Equal("x.3", bare.Take(3).ToString());
    }
}
