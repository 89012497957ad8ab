using System.Collections.Concurrent;
using Grpc.Core;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Identity;

namespace Sutra.Tests.Api;

/// <summary>Vectors out of hashed words: texts with words in common are near, nothing else is meant by it.</summary>
internal sealed class FakeEmbedder : Contracts.Embedding.V1.Embedder.EmbedderBase
{
    public const int Dimensions = 64;

    private int _calls;

    public string Model { get; set; } = "fake-model-1";

    /// <summary>Models beside it, by name: their identities. Each turns the vectors by so many places more than the one before.</summary>
    public ConcurrentDictionary<string, string> Others { get; } = new(StringComparer.Ordinal);

    /// <summary>Longer texts count as truncated.</summary>
    public int ReadsCharacters { get; set; } = int.MaxValue;

    public CacheLevels Cache { get; set; } = CacheLevels.Process;

    /// <summary>When set, calls wait for it.</summary>
    public Task? Gate { get; set; }

    /// <summary>Why a text has no vector, if it has none.</summary>
    public Func<string, TextError?> Refuses { get; set; } = _ => null;

    /// <summary>Why a whole call fails, if it does.</summary>
    public Func<EmbedRequest, RpcException?> Fails { get; set; } = _ => null;

    public ConcurrentQueue<EmbedRequest> Requests { get; } = new();

    /// <summary>When set, the vectors are its.</summary>
    public Func<string, float[]>? ModelOf { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    public ConcurrentQueue<string?> Tokens { get; } = new();

    public static float[] Vector(string text)
    {
        var vector = new float[Dimensions];
        foreach (var word in text.ToLowerInvariant().Split([' ', '.', ',', '?', '!', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var hash = 2166136261u;
            foreach (var c in word.TrimEnd('s'))
            {
                hash = (hash ^ c) * 16777619u;
            }

            vector[hash % Dimensions] += 1;
        }

        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        return norm > 0 ? [.. vector.Select(value => value / norm)] : [1, .. new float[Dimensions - 1]];
    }

    public override async Task<EmbedResponse> Embed(EmbedRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _calls);
        Tokens.Enqueue(context.RequestHeaders.GetValue(InternalToken.Header));
        if (Gate is { } gate)
        {
            await gate.WaitAsync(context.CancellationToken);
        }

        Requests.Enqueue(request);
        if (Fails(request) is { } failure)
        {
            throw failure;
        }

        var response = new EmbedResponse { Model = Resolve(request.Model) };
        var turn = Turn(response.Model);
        foreach (var text in request.Texts)
        {
            if (Refuses(text) is { } error)
            {
                response.Embeddings.Add(request.PerItemErrors ? new Embedding { Error = error } : throw new RpcException(new Status(StatusCode.InvalidArgument, error.Message)));
                continue;
            }

            var embedding = new Embedding { TokenCount = 1, Truncated = text.Length > ReadsCharacters };
            var vector = (ModelOf ?? Vector)(text);
            embedding.Values.AddRange(turn == 0 ? vector : [.. vector[turn..], .. vector[..turn]]);
            response.Embeddings.Add(embedding);
        }

        return response;
    }

    /// <summary>A token is what has no space in it; places are counted in code points.</summary>
    public override Task<TokenizeResponse> Tokenize(TokenizeRequest request, ServerCallContext context)
    {
        var response = new TokenizeResponse { Model = Model };
        foreach (var text in request.Texts)
        {
            var list = new TokenList();
            var (place, start) = (0, -1);
            foreach (var rune in $"{text} ".EnumerateRunes())
            {
                if (System.Text.Rune.IsWhiteSpace(rune) && start >= 0)
                {
                    list.Tokens.Add(new Token { Start = start, Stop = place });
                    start = -1;
                }
                else if (!System.Text.Rune.IsWhiteSpace(rune) && start < 0)
                {
                    start = place;
                }

                place++;
            }

            response.Texts.Add(list);
        }

        return Task.FromResult(response);
    }

    public override Task<GetInfoResponse> GetInfo(GetInfoRequest request, ServerCallContext context) =>
        Task.FromResult(new GetInfoResponse { Model = Resolve(request.Model), Revision = "1", Dimensions = Dimensions, MaxTokens = 512, Cache = Cache });

    private string Resolve(string model) => model.Length == 0 || model == Model
        ? Model
        : Others.TryGetValue(model, out var identity) ? identity
        : Others.Values.Contains(model) ? model
        : throw new RpcException(new Status(StatusCode.NotFound, "There is no such model."));

    private int Turn(string identity) => identity == Model ? 0 : 1 + Others.Values.Order(StringComparer.Ordinal).ToList().IndexOf(identity);
}
