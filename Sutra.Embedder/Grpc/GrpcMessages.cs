using Google.Protobuf;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.OpenAi;
using Sutra.Embedder.Pipeline;
using Wire = Sutra.Contracts.Embedding.V1;

namespace Sutra.Embedder.Grpc;

/// <summary>Between the messages and what the embedder itself speaks.</summary>
internal static class GrpcMessages
{
    /// <summary>A call without its texts.</summary>
    public static EmbeddingCall ToCall(this EmbedOptions? options, string model)
    {
        var call = new EmbeddingCall { Model = model.Length == 0 ? null : model };
        if (options is null)
        {
            return call;
        }

        return call with
        {
            Dimensions = options.Dimensions switch
            {
                0 => null,
                > 0 => options.Dimensions,
                _ => throw GrpcErrors.Invalid("options.dimensions must not be below 0."),
            },
            Type = options.Type switch
            {
                Wire.VectorType.Float32 => PostProcessing.VectorType.Float32,
                Wire.VectorType.Int8 => PostProcessing.VectorType.Int8,
                Wire.VectorType.Uint8 => PostProcessing.VectorType.UInt8,
                Wire.VectorType.Binary => PostProcessing.VectorType.Binary,
                Wire.VectorType.Ubinary => PostProcessing.VectorType.UBinary,
                _ => throw Unknown("type"),
            },
            InputType = options.InputType switch
            {
                Wire.InputType.None => Pipeline.InputType.None,
                Wire.InputType.Query => Pipeline.InputType.Query,
                Wire.InputType.Document => Pipeline.InputType.Document,
                _ => throw Unknown("input_type"),
            },
            PromptName = options.PromptName.Length == 0 ? null : options.PromptName,
            Normalise = !options.Raw,
            Truncate = !options.NoTruncation,
            TruncationSide = options.TruncationSide switch
            {
                Wire.TruncationSide.Right => Tokenization.TruncationSide.Right,
                Wire.TruncationSide.Left => Tokenization.TruncationSide.Left,
                _ => throw Unknown("truncation_side"),
            },
            Lane = options.Priority switch
            {
                Priority.Auto => null,
                Priority.Interactive => Lane.Interactive,
                Priority.Bulk => Lane.Bulk,
                _ => throw Unknown("priority"),
            },
            Preference = options.Preference switch
            {
                Wire.ModelPreference.Balanced => Pipeline.ModelPreference.Balanced,
                Wire.ModelPreference.Latency => Pipeline.ModelPreference.Latency,
                Wire.ModelPreference.Quality => Pipeline.ModelPreference.Quality,
                _ => throw Unknown("preference"),
            },
        };
    }

    public static Embedding ToMessage(in EmbeddedText item)
    {
        var message = new Embedding { TokenCount = item.TokenCount, Truncated = item.Truncated };
        if (!item.IsEmbedded)
        {
            message.Error = new TextError { Message = $"The text {item.Failure.Reason()}", Code = Refusals.Code(item.Failure) };
        }
        else if (item.Codes is { } codes)
        {
            message.Codes = UnsafeByteOperations.UnsafeWrap(codes);
        }
        else
        {
            message.Values.Capacity = item.Values.Length;
            foreach (var value in item.Values.Span)
            {
                message.Values.Add(value);
            }
        }

        return message;
    }

    public static Timings ToMessage(this in EmbeddingTimings timings) => new()
    {
        TotalMs = timings.Total.TotalMilliseconds,
        TokenizationMs = timings.Tokenization.TotalMilliseconds,
        QueueMs = timings.Queue.TotalMilliseconds,
        InferenceMs = timings.Inference.TotalMilliseconds,
    };

    public static GetInfoResponse ToMessage(this LoadedModel model, IEnumerable<OpenAiModel> models, CacheLevels cache) => new()
    {
        Model = model.Identity.Id,
        Revision = model.Identity.Revision,
        Dimensions = model.Dimensions,
        MaxTokens = model.MaxTokens,
        AllowedDimensions = { model.LegalDimensions },
        Prompts = { model.Folder.Prompts.Keys.Order(StringComparer.Ordinal) },
        Provider = model.Provider,
        Cache = cache,
        Models =
        {
            models.Select(known => new ModelInfo
            {
                Name = known.Id,
                Revision = known.Revision ?? "",
                Loaded = known.Loaded,
                IsDefault = known.Default,
                Dimensions = known.Dimensions ?? 0,
            }),
        },
    };

    private static Exception Unknown(string option) => GrpcErrors.Invalid($"options.{option} has a value that is not known here.");
}
