namespace CallMirror.SipTracker.Calls;

/// <summary>What goes with a branch that has failed while others are open: its offer, and its early dialogs (RFC 3261 §12.3).</summary>
internal static class LostForks
{
    public static CallState Without(CallState call)
    {
        var over = call.Exchanges.Where(exchange => exchange.IsFirst && IsOver(call, exchange.Branch)).ToList();
        if (over.Count == 0)
            return call;
        var left = call.Exchanges.Except(over).ToList();
        var open = left.Where(exchange => exchange.IsFirst).SelectMany(exchange => exchange.Tags);
        var tags = over.SelectMany(exchange => exchange.Tags).Except(open).ToList();
        var dialogs = call.Dialogs.Where(dialog => IsKept(call, dialog) || !tags.Contains(dialog.Tag))
            .Select(dialog => IsKept(call, dialog) ? dialog : Without(dialog, over));
        return call with { Exchanges = [.. left], Dialogs = [.. dialogs] };
    }

    private static bool IsOver(CallState call, string? branch) => Array.Exists(call.Branches, one => one.Id == branch && one.IsOver);

    private static bool IsKept(CallState call, CallDialog dialog) =>
        dialog.IsConfirmed || (call.IsAnswered && dialog.Tag == call.AnsweredTag);

    // A hop that the dialog no longer takes.
    private static CallDialog Without(CallDialog dialog, List<Exchange> over) =>
        dialog with { Agreed = [.. dialog.Agreed.Where(agreed => !over.Exists(exchange => exchange.Agreed(agreed)))] };
}
