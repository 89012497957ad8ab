using Microsoft.Extensions.Options;

namespace Sutra.Api.Generation;

/// <summary>Says at start where evidence may go; the key is not part of it.</summary>
internal sealed partial class GenerationAnnouncement(IOptions<GenerationOptions> options, ILogger<GenerationAnnouncement> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value is { IsConfigured: true, Address: { } address, Model: { } model })
        {
            Log.Configured(logger, model, address.Authority);
            if (address.Scheme == "http" && !address.IsLoopback && !string.IsNullOrWhiteSpace(options.Value.ApiKey))
            {
                Log.NotEncrypted(logger, address.Authority);
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(2401, LogLevel.Information, "Answers may be written by the language model {Model} at {Host}, for questions that ask for it: their evidence is sent there")]
        public static partial void Configured(ILogger logger, string model, string host);

        [LoggerMessage(2402, LogLevel.Warning, "Generation:Endpoint is http: the key and the evidence go to {Host} unencrypted")]
        public static partial void NotEncrypted(ILogger logger, string host);
    }
}
