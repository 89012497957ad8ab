using System.Text.Json;
using Sutra.Embedder.Http;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.OpenAi;

/// <summary>The body of <c>/v1/embeddings</c> and of <c>embeddings/batch</c>, checked as far as that can be done without the model.</summary>
/// <param name="Call">Without its texts.</param>
/// <param name="Inputs">The texts.</param>
/// <param name="Base64">Vectors are to be base64.</param>
/// <param name="FailsAlone">A text that cannot be embedded has an error in its item; else it fails the request.</param>
internal sealed record EmbeddingsRequest(EmbeddingCall Call, TextInputs Inputs, bool Base64, bool FailsAlone)
{
    /// <summary>As OpenAI has it: the model must be named, and a bad text fails the request unless the caller says otherwise.</summary>
    public static EmbeddingsRequest Read(JsonElement body, int most)
    {
        if (!new JsonFields(body).TryGet("model", out _))
        {
            throw new RefusalException("model is missing: the name of a model, see /v1/models, or 'auto'.", "model");
        }

        return Read(body, most, failsAlone: false);
    }

    /// <param name="most">Most texts.</param>
    /// <param name="failsAlone">What holds where the body does not say.</param>
    public static EmbeddingsRequest Read(JsonElement body, int most, bool failsAlone)
    {
        var fields = new JsonFields(body);
        var call = fields.ReadCall();
        var base64 = fields.ReadBase64();
        failsAlone = fields.ReadFailsAlone(failsAlone);
        fields.Text("user");
        var inputs = TextInputs.Read(fields, "input", most, failsAlone);
        return new EmbeddingsRequest(call with { Texts = inputs.Texts, Tokens = inputs.Tokens }, inputs, base64, failsAlone);
    }
}
