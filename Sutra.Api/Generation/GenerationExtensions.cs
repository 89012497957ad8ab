using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OpenAI;

namespace Sutra.Api.Generation;

internal static class GenerationExtensions
{
    public static WebApplicationBuilder AddGeneration(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<GenerationOptions>()
            .BindConfiguration(GenerationOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<GenerationTelemetry>();
        builder.Services.AddSingleton<AnswerGenerator>();
        builder.Services.AddHostedService<GenerationAnnouncement>();

        // Not by AddChatClient: where no endpoint is configured there is no client, and no other one takes its place.
        if (!string.IsNullOrWhiteSpace(builder.Configuration[$"{GenerationOptions.Section}:{nameof(GenerationOptions.Endpoint)}"]))
        {
            builder.Services.AddSingleton(services => Client(services.GetRequiredService<IOptions<GenerationOptions>>().Value));
        }

        return builder;
    }

    private static IChatClient Client(GenerationOptions options)
    {
        // Redirects are not followed: evidence goes where the operator said, and nowhere else.
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        var client = new OpenAIClient(
            // Some key is sent in any case; an endpoint that needs none does not look at it.
            new ApiKeyCredential(string.IsNullOrWhiteSpace(options.ApiKey) ? "none" : options.ApiKey),
            new OpenAIClientOptions
            {
                Endpoint = options.Address,
                NetworkTimeout = options.Timeout,

                // There is an answer without it, and somebody waits.
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                Transport = new HttpClientPipelineTransport(http),
            });
        return client.GetChatClient(options.Model).AsIChatClient();
    }
}
