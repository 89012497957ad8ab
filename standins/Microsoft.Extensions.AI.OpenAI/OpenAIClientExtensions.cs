using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>The one method that Sutra calls, with the package's signature.</summary>
public static class OpenAIClientExtensions
{
    public static IChatClient AsIChatClient(this ChatClient chatClient) => new OpenAIChatClient(chatClient);
}
