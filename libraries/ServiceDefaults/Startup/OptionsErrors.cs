using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace CallMirror.ServiceDefaults.Startup;

/// <summary>Says what is wrong with a service's settings in sentences a user can act on, instead of a stack trace.</summary>
public static class OptionsErrors
{
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";
    private const string AnnotationLead = "DataAnnotation validation failed for ";
    private const string AnnotationError = " with the error: ";

    /// <summary>One sentence a mistake; false where the exception is about something else.</summary>
    public static bool TryExplain(Exception exception, [NotNullWhen(true)] out IReadOnlyList<string>? sentences)
    {
        sentences = exception switch
        {
            OptionsValidationException validation => [.. Sentences(validation)],
            // Several options classes are wrong: the host collects them.
            AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
                [.. several.InnerExceptions.SelectMany(inner => Sentences((OptionsValidationException)inner))],
            // A setting that is not even of its type.
            InvalidOperationException { Source: Binder } => [Sentence(exception.Message)],
            _ => null,
        };
        return sentences is not null;
    }

    private static IEnumerable<string> Sentences(OptionsValidationException validation) => validation.Failures.Select(Sentence);

    // The message itself may begin with a quotation mark.
    private static string Unquoted(string text) => text is ['\'', .. var inner, '\''] ? inner : text;

    private static string Sentence(string failure)
    {
        int error = failure.StartsWith(AnnotationLead, StringComparison.Ordinal) ? failure.IndexOf(AnnotationError, StringComparison.Ordinal) : -1;
        string text = error < 0 ? failure : Unquoted(failure[(error + AnnotationError.Length)..].TrimEnd('.'));
        return $"Invalid settings: {text.Trim().TrimEnd('.')}.";
    }
}
