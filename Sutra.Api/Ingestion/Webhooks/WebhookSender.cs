using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sutra.Api.Ingestion.Endpoints;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Outbound;
using Sutra.Api.Ingestion.Workers;
using Sutra.Contracts.Api;

namespace Sutra.Api.Ingestion.Webhooks;

/// <summary>
/// Tells others that a job has ended: POST of the job, signed with HMAC-SHA256 over the time, a dot and the body. Tried again, ever later, until a
/// status of 2xx; at least once, so that the delivery's id is what to know it again by.
/// </summary>
internal sealed partial class WebhookSender(
    IJobStore store, OutboundClient client, IOptions<IngestionOptions> options, TimeProvider time, ILogger<WebhookSender> logger)
{
    public const string TimestampHeader = "sutra-timestamp";
    public const string SignatureHeader = "sutra-signature";
    public const string DeliveryHeader = "sutra-delivery";

    private const int AtOnce = 8;
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromHours(1);

    /// <summary>All that are due now.</summary>
    public async Task SendDueAsync(CancellationToken cancellation)
    {
        List<Task> sending;
        do
        {
            sending = [];
            while (sending.Count < AtOnce && await ClaimAsync(cancellation) is { } job)
            {
                sending.Add(SendAsync(job, cancellation));
            }

            await Task.WhenAll(sending);
        }
        while (sending.Count == AtOnce);
    }

    /// <summary>What <see cref="SignatureHeader"/> holds.</summary>
    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes($"{timestamp}."));
        hmac.AppendData(body);
        return $"v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }

    // Nobody else may take an attempt for lost before it has had its time.
    private Task<Job?> ClaimAsync(CancellationToken cancellation) =>
        store.ClaimWebhookAsync(time.GetUtcNow(), time.GetUtcNow() + (2 * options.Value.OutboundTimeout) + options.Value.Lease, cancellation);

    private async Task SendAsync(Job job, CancellationToken cancellation)
    {
        string? error;
        try
        {
            error = await PostAsync(job, cancellation);
        }
        catch (OutboundException e)
        {
            error = e.Code;
        }

        var attempts = job.WebhookAttempts + 1;
        var again = error is not null && attempts < options.Value.WebhookAttempts;
        var state = error is null ? WebhookState.Delivered : again ? WebhookState.Due : WebhookState.Failed;
        DateTimeOffset? next = again ? time.GetUtcNow() + Backoff.Of(options.Value.WebhookDelay, attempts, s_longestDelay) : null;
        await store.ChangeAsync(
            job.Id,
            now => now.WebhookState == WebhookState.Due ? JobRules.WebhookTried(now, state, next, error) : null,
            deadAgain: false,
            time.GetUtcNow(),
            CancellationToken.None);
        Log.Tried(logger, job.Id, attempts, state, error);
    }

    /// <returns>Why it was not taken; null when it was.</returns>
    private async Task<string?> PostAsync(Job job, CancellationToken cancellation)
    {
        if (options.Value.WebhookSecret is not { } secret)
        {
            return "no_secret";
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(job.ToResponse(time.GetUtcNow()), JobJson.Default.JobResponse);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, job.Webhook) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(TimestampHeader, timestamp);
        request.Headers.Add(SignatureHeader, Sign(secret, timestamp, body));
        request.Headers.Add(DeliveryHeader, $"{job.Id}-{job.FinishedAt!.Value.ToUnixTimeMilliseconds()}");
        using var response = await client.SendAsync(request, cancellation);
        return response.IsSuccessStatusCode ? null : $"status_{(int)response.StatusCode}";
    }

    private static partial class Log
    {
        [LoggerMessage(2221, LogLevel.Information, "Webhook of job {Job}: attempt {Attempt}, {State} {Error}")]
        public static partial void Tried(ILogger logger, string job, int attempt, WebhookState state, string? error);
    }
}
