using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Generation;

/// <summary>An OpenAI-compatible endpoint on loopback that says what it is told to, whole or in chunks.</summary>
internal sealed class LanguageModel : IAsyncDisposable
{
    public const string Key = "secret-of-the-model";

    private readonly WebApplication _app;

    public LanguageModel()
    {
        var port = FreePort.Next();
        Address = $"http://127.0.0.1:{port}/v1";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http1));
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", RespondAsync);
        _app.Start();
    }

    public string Address { get; }

    /// <summary>Of the evidence's number, for <c>{0}</c>.</summary>
    public string Answer { get; set; } = "";

    public string? Refusal { get; set; }

    public int Status { get; set; } = 200;

    /// <summary>In place of an answer.</summary>
    public string? Body { get; set; }

    /// <summary>Waited for before anything is said, or in a stream before its second half.</summary>
    public Task? Gate { get; set; }

    public string Finish { get; set; } = "stop";

    public int Calls { get; private set; }

    public string? Authorization { get; private set; }

    public JsonElement Request { get; private set; }

    public TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Message(string role) => Request.GetProperty("messages").EnumerateArray().Single(message => message.GetProperty("role").GetString() == role) is var found
        && found.GetProperty("content") is { ValueKind: JsonValueKind.Array } parts ? string.Concat(parts.EnumerateArray().Select(part => part.GetProperty("text").GetString())) : found.GetProperty("content").GetString()!;

    /// <summary>Settings of an API that asks it.</summary>
    public (string, string?)[] Settings(params (string, string?)[] more) =>
        [("Generation:Endpoint", Address), ("Generation:Model", "some-model"), ("Generation:ApiKey", Key), .. more];

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task RespondAsync(HttpContext context)
    {
        Calls++;
        Authorization = context.Request.Headers.Authorization;
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        Request = body.RootElement.Clone();
        context.RequestAborted.Register(() => Aborted.TrySetResult());
        var isStream = Request.TryGetProperty("stream", out var stream) && stream.GetBoolean();
        if (!isStream || Status != 200)
        {
            await (Gate?.WaitAsync(context.RequestAborted) ?? Task.CompletedTask);
        }

        if (Status != 200 || Body is not null)
        {
            context.Response.StatusCode = Status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Body ?? JsonSerializer.Serialize(new { error = new { message = $"You asked: {Message("user")}" } }));
            return;
        }

        context.Response.ContentType = isStream ? "text/event-stream" : "application/json";
        if (!isStream)
        {
            await context.Response.WriteAsJsonAsync(new
            {
                id = "chatcmpl-1",
                @object = "chat.completion",
                created = 1_700_000_000,
                model = "some-model-1",
                choices = new[] { new { index = 0, message = new { role = "assistant", content = Refusal is null ? Answer : null, refusal = Refusal }, finish_reason = Finish } },
                usage = new { prompt_tokens = 120, completion_tokens = 9, total_tokens = 129 },
            });
            return;
        }

        // Pieces of five characters cut words and marks in two.
        for (var at = 0; at < Answer.Length; at += 5)
        {
            if (Gate is { } gate && at >= Answer.Length / 2)
            {
                await gate.WaitAsync(context.RequestAborted);
            }

            await SendAsync(context, new { role = "assistant", content = Answer[at..Math.Min(Answer.Length, at + 5)] }, finish: null, usage: null);
        }

        await SendAsync(context, new { role = "assistant", content = "" }, Finish, new { prompt_tokens = 120, completion_tokens = 9, total_tokens = 129 });
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    private static async Task SendAsync(HttpContext context, object delta, string? finish, object? usage)
    {
        var chunk = JsonSerializer.Serialize(new
        {
            id = "chatcmpl-1",
            @object = "chat.completion.chunk",
            created = 1_700_000_000,
            model = "some-model-1",
            choices = new[] { new { index = 0, delta, finish_reason = finish } },
            usage,
        });
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {chunk}\n\n"));
        await context.Response.Body.FlushAsync();
    }
}
