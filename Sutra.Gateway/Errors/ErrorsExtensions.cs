namespace Sutra.Gateway.Errors;

internal static class ErrorsExtensions
{
    // The first writer that can write does, and the framework's own comes with the service defaults.
    public static void AddErrors(this IHostApplicationBuilder builder) =>
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ErrorWriter>());
}
