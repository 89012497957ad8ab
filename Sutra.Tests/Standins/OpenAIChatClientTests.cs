using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using Sutra.Tests.Api.Generation;

namespace Sutra.Tests.Standins;

/// <summary>What <c>AsIChatClient</c> does with OpenAI's client, on either feed.</summary>
[TestClass]
public sealed class OpenAIChatClientTests
{
    private static readonly ChatMessage[] s_messages = [new(ChatRole.System, "Be short."), new(ChatRole.User, "How are you?")];

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Text_usage_and_the_reason_to_finish_come_back_whole_and_in_pieces(bool isStream)
    {
        await using var model = new LanguageModel { Answer = "Quite well, thank you." };
        using var client = ClientOf(model);
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 77 };
        var response = isStream ? await client.GetStreamingResponseAsync(s_messages, options).ToChatResponseAsync() : await client.GetResponseAsync(s_messages, options);
        Assert.AreEqual("Quite well, thank you.", response.Text);
        Assert.AreEqual(ChatFinishReason.Stop, response.FinishReason);
        Assert.AreEqual("some-model-1", response.ModelId);
        Assert.AreEqual(120L, response.Usage?.InputTokenCount);
        Assert.AreEqual(9L, response.Usage?.OutputTokenCount);
        Assert.AreEqual("Be short.", model.Message("system"));
        Assert.AreEqual("How are you?", model.Message("user"));
        Assert.AreEqual("some-model", model.Request.GetProperty("model").GetString());
        Assert.AreEqual(0, model.Request.GetProperty("temperature").GetDouble());
        Assert.AreEqual(77, model.Request.GetProperty("max_completion_tokens").GetInt32());
    }

    [TestMethod]
    public async Task A_refusal_is_an_error_and_no_text()
    {
        await using var model = new LanguageModel { Refusal = "I will not." };
        using var client = ClientOf(model);
        var response = await client.GetResponseAsync(s_messages);
        Assert.AreEqual("", response.Text);
        Assert.AreEqual("I will not.", response.Messages.SelectMany(message => message.Contents).OfType<ErrorContent>().Single().Message);
    }

    [TestMethod]
    public async Task A_status_that_is_no_success_is_thrown_and_the_client_tells_of_itself()
    {
        await using var model = new LanguageModel { Status = 401 };
        using var client = ClientOf(model);
        Assert.AreEqual(401, (await Assert.ThrowsExactlyAsync<ClientResultException>(() => client.GetResponseAsync(s_messages))).Status);
        var metadata = (ChatClientMetadata)client.GetService(typeof(ChatClientMetadata))!;
        Assert.AreEqual("openai", metadata.ProviderName);
        Assert.AreEqual("some-model", metadata.DefaultModelId);
    }

    private static IChatClient ClientOf(LanguageModel model) => new OpenAIClient(
        new ApiKeyCredential(LanguageModel.Key),
        new OpenAIClientOptions { Endpoint = new Uri(model.Address), RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("some-model").AsIChatClient();
}
