using System.Text.Json;
using System.Text.Json.Nodes;
using Sutra.Models.Onnx;

namespace Sutra.Tests.Embedder.Support;

/// <summary>Writes a small BERT with seeded random weights: the same inputs, operators and output as a real one.</summary>
internal static class TestModel
{
    public const int Hidden = 32;

    /// <summary>Ids by piece; the order is the id.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
        .. "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-$ß你好".Select(c => c.ToString()),
        .. "abcdefghijklmnopqrstuvwxyz0123456789".Select(c => "##" + c),
        "the", "cat", "sat", "on", "mat", "dog", "runs", "run", "##ning", "un", "##aff", "##able", "affable", "hello", "world", "cafe",
        "naive", "##ing", "play", "к", "##о", "##т", "kot", "word", "😀", "ᄒ", "##ᅡ", "##ᆫ",
    ];

    public static int IdOf(string piece) => Vocabulary.ToList().IndexOf(piece);

    /// <summary>A whole model folder: <c>onnx/model.onnx</c>, <c>tokenizer.json</c>, <c>config.json</c>.</summary>
    /// <param name="layers">More of them make a run slower.</param>
    public static void Write(string folder, int layers = 1, int maxTokens = 64)
    {
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        File.WriteAllBytes(Path.Combine(folder, "onnx", "model.onnx"), Bert(layers, maxTokens));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer().ToJsonString());
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "bert",
            ["max_position_embeddings"] = maxTokens,
            ["vocab_size"] = Vocabulary.Count,
        }));
    }

    /// <summary>A tokenizer.json to change and write.</summary>
    public static JsonObject Tokenizer() => new()
    {
        ["version"] = "1.0",
        // As in the published all-MiniLM-L6-v2: both must be ignored.
        ["truncation"] = new JsonObject { ["direction"] = "Right", ["max_length"] = 4, ["strategy"] = "LongestFirst", ["stride"] = 0 },
        ["padding"] = new JsonObject { ["strategy"] = new JsonObject { ["Fixed"] = 16 }, ["pad_id"] = 0, ["pad_token"] = "[PAD]" },
        ["added_tokens"] = new JsonArray([.. Vocabulary.Take(5).Select((token, id) => (JsonNode)new JsonObject
        {
            ["id"] = id,
            ["content"] = token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        })]),
        ["normalizer"] = new JsonObject
        {
            ["type"] = "BertNormalizer",
            ["clean_text"] = true,
            ["handle_chinese_chars"] = true,
            ["strip_accents"] = null,
            ["lowercase"] = true,
        },
        ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
        ["post_processor"] = JsonNode.Parse("""
            {
              "type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
              "pair": [],
              "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}
            }
            """),
        ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
        ["model"] = new JsonObject
        {
            ["type"] = "WordPiece",
            ["unk_token"] = "[UNK]",
            ["continuing_subword_prefix"] = "##",
            ["max_input_chars_per_word"] = 100,
            ["vocab"] = new JsonObject([.. Vocabulary.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))]),
        },
    };

    private static byte[] Bert(int layers, int maxTokens)
    {
        var random = new Random(20261121);
        OnnxTensor Weights(string name, params long[] shape)
        {
            var values = new float[shape.Aggregate(1L, (all, size) => all * size)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (random.NextSingle() - 0.5f) * 0.7f;
            }

            return OnnxTensor.Float(name, values, shape);
        }

        var graph = new OnnxGraph("tiny-bert");
        foreach (var input in new[] { "input_ids", "attention_mask", "token_type_ids" })
        {
            graph.Input(input, OnnxElementType.Int64, "batch", "sequence");
        }

        graph.Output("last_hidden_state", OnnxElementType.Float, "batch", "sequence", (long)Hidden);
        graph.Constant(Weights("words", Vocabulary.Count, Hidden))
            .Constant(Weights("positions", maxTokens, Hidden))
            .Constant(Weights("types", 2, Hidden))
            .Constant(Weights("beta", Hidden))
            .Constant(Weights("gamma", Hidden))
            .Constant(OnnxTensor.Int64("zero", [0]))
            .Constant(OnnxTensor.Int64("one", [1]))
            .Constant(OnnxTensor.Int64("axis1", [1], 1))
            .Constant(OnnxTensor.Float("unit", [1f]))
            .Constant(OnnxTensor.Float("half", [0.5f]))
            .Constant(OnnxTensor.Float("root2", [MathF.Sqrt(2)]))
            .Constant(OnnxTensor.Float("far", [-10000f]))
            .Constant(OnnxTensor.Float("scale", [1 / MathF.Sqrt(Hidden)]));

        graph.Node("Gather", "word", ["words", "input_ids"])
            .Node("Gather", "type", ["types", "token_type_ids"])
            .Node("Shape", "shape", ["input_ids"])
            .Node("Gather", "length", ["shape", "one"])
            .Node("Range", "position_ids", ["zero", "length", "one"])
            .Node("Gather", "position", ["positions", "position_ids"])
            .Node("Add", "typed", ["word", "type"])
            .Node("Add", "embedded", ["typed", "position"])
            .Node("LayerNormalization", "x0", ["embedded", "gamma", "beta"], OnnxAttribute.Of("axis", -1L))
            .Node("Unsqueeze", "mask3", ["attention_mask", "axis1"])
            .Node("Cast", "maskf", ["mask3"], OnnxAttribute.Of("to", 1L))
            .Node("Sub", "absent", ["unit", "maskf"])
            .Node("Mul", "bias", ["absent", "far"]);

        for (var l = 0; l < layers; l++)
        {
            graph.Constant(Weights($"q{l}w", Hidden, Hidden)).Constant(Weights($"k{l}w", Hidden, Hidden))
                .Constant(Weights($"v{l}w", Hidden, Hidden)).Constant(Weights($"o{l}w", Hidden, Hidden))
                .Constant(Weights($"f{l}w", Hidden, 4 * Hidden)).Constant(Weights($"g{l}w", 4 * Hidden, Hidden));
            graph.Node("MatMul", $"q{l}", [$"x{l}", $"q{l}w"])
                .Node("MatMul", $"k{l}", [$"x{l}", $"k{l}w"])
                .Node("MatMul", $"v{l}", [$"x{l}", $"v{l}w"])
                .Node("Transpose", $"kt{l}", [$"k{l}"], OnnxAttribute.Of("perm", 0, 2, 1))
                .Node("MatMul", $"raw{l}", [$"q{l}", $"kt{l}"])
                .Node("Mul", $"scaled{l}", [$"raw{l}", "scale"])
                .Node("Add", $"masked{l}", [$"scaled{l}", "bias"])
                .Node("Softmax", $"attention{l}", [$"masked{l}"], OnnxAttribute.Of("axis", -1L))
                .Node("MatMul", $"context{l}", [$"attention{l}", $"v{l}"])
                .Node("MatMul", $"o{l}", [$"context{l}", $"o{l}w"])
                .Node("Add", $"residual{l}", [$"o{l}", $"x{l}"])
                .Node("LayerNormalization", $"a{l}", [$"residual{l}", "gamma", "beta"], OnnxAttribute.Of("axis", -1L))
                .Node("MatMul", $"f{l}", [$"a{l}", $"f{l}w"])
                .Node("Div", $"fd{l}", [$"f{l}", "root2"])
                .Node("Erf", $"erf{l}", [$"fd{l}"])
                .Node("Add", $"erf1{l}", [$"erf{l}", "unit"])
                .Node("Mul", $"fe{l}", [$"f{l}", $"erf1{l}"])
                .Node("Mul", $"gelu{l}", [$"fe{l}", "half"])
                .Node("MatMul", $"g{l}", [$"gelu{l}", $"g{l}w"])
                .Node("Add", $"residual2{l}", [$"g{l}", $"a{l}"])
                .Node(
                    "LayerNormalization",
                    l == layers - 1 ? "last_hidden_state" : $"x{l + 1}",
                    [$"residual2{l}", "gamma", "beta"],
                    OnnxAttribute.Of("axis", -1L));
        }

        return new OnnxModel(graph).ToBytes();
    }
}
