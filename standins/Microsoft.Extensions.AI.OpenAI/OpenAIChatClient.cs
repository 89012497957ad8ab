using System.Runtime.CompilerServices;
using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>Text in, text out, over OpenAI's client.</summary>
internal sealed class OpenAIChatClient : IChatClient
{
    private readonly ChatClient _client;
    private readonly ChatClientMetadata _metadata;

    public OpenAIChatClient(ChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
#pragma warning disable OPENAI001 // The two may change: what else they are had by is reflection.
        _metadata = new ChatClientMetadata("openai", client.Endpoint, client.Model);
#pragma warning restore OPENAI001
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var completion = (await _client.CompleteChatAsync(messages.Select(Convert), Convert(options), cancellationToken).ConfigureAwait(false)).Value;
        var message = new ChatMessage(ChatRole.Assistant, [.. Texts(completion.Content)]) { MessageId = completion.Id, RawRepresentation = completion };
        if (completion.Refusal is { } refusal)
        {
            message.Contents.Add(new ErrorContent(refusal) { ErrorCode = nameof(completion.Refusal) });
        }

        return new ChatResponse(message)
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            CreatedAt = completion.CreatedAt,
            FinishReason = Convert(completion.FinishReason),
            Usage = Convert(completion.Usage),
            RawRepresentation = completion,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatFinishReason? finished = null;
        string? model = null;
        await foreach (var update in _client.CompleteChatStreamingAsync(messages.Select(Convert), Convert(options), cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            finished ??= update.FinishReason is { } reason ? Convert(reason) : null;
            model ??= update.Model;
            var response = new ChatResponseUpdate(ChatRole.Assistant, [.. Texts(update.ContentUpdate)])
            {
                ResponseId = update.CompletionId,
                MessageId = update.CompletionId,
                CreatedAt = update.CreatedAt,
                FinishReason = finished,
                ModelId = model,
                RawRepresentation = update,
            };
            if (!string.IsNullOrEmpty(update.RefusalUpdate))
            {
                response.Contents.Add(new ErrorContent(update.RefusalUpdate) { ErrorCode = nameof(update.RefusalUpdate) });
            }

            if (Convert(update.Usage) is { } usage)
            {
                response.Contents.Add(new UsageContent(usage));
            }

            yield return response;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ChatClient) ? _client
        : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The inner client holds nothing.
    }

    private static IEnumerable<AIContent> Texts(ChatMessageContent? content) =>
        (content ?? []).Where(part => part.Kind == ChatMessageContentPartKind.Text).Select(part => new TextContent(part.Text));

    private static OpenAI.Chat.ChatMessage Convert(ChatMessage message) =>
        message.Role == ChatRole.System ? new SystemChatMessage(message.Text)
        : message.Role == ChatRole.Assistant ? new AssistantChatMessage(message.Text)
        : new UserChatMessage(message.Text);

    private static ChatCompletionOptions Convert(ChatOptions? options) => new()
    {
        Temperature = options?.Temperature,
        TopP = options?.TopP,
        MaxOutputTokenCount = options?.MaxOutputTokens,
    };

    private static ChatFinishReason Convert(OpenAI.Chat.ChatFinishReason reason) => reason switch
    {
        OpenAI.Chat.ChatFinishReason.Stop => ChatFinishReason.Stop,
        OpenAI.Chat.ChatFinishReason.Length => ChatFinishReason.Length,
        OpenAI.Chat.ChatFinishReason.ContentFilter => ChatFinishReason.ContentFilter,
        OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => ChatFinishReason.ToolCalls,
        _ => new ChatFinishReason(reason.ToString()),
    };

    private static UsageDetails? Convert(ChatTokenUsage? usage) => usage is null
        ? null
        : new UsageDetails { InputTokenCount = usage.InputTokenCount, OutputTokenCount = usage.OutputTokenCount, TotalTokenCount = usage.TotalTokenCount };
}
