using System.Text.Json;
using Microsoft.Extensions.Options;
using Sutra.Embedder.Http;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Native;

/// <summary><c>/tokenize</c> and <c>/decode</c>: a model's own view of texts.</summary>
internal sealed class TokenHandler(ModelSelector selector, IOptions<DoorOptions> options)
{
    public async Task TokenizeAsync(HttpContext context)
    {
        var longest = options.Value.MaxTokenizeLength;
        var (call, special) = await RequestBody.ReadAsync(context, body => ReadTexts(body, longest));
        using var selected = await selector.SelectAsync(call, context.RequestAborted);
        var prefix = Prefixes.For(selected.Model.Folder, call);

        // All of them before the answer begins: a text may be one that cannot be tokenized.
        var tokenized = new List<(CodePoints Places, IReadOnlyList<Token> Tokens)>(call.Texts!.Count);
        foreach (var text in call.Texts)
        {
            var whole = prefix.Length == 0 ? text : prefix + text;
            tokenized.Add((new CodePoints(whole), selected.Model.Tokenizer.Tokenize(whole, special)));
        }

        context.Response.WriteModelHeader(selected.Model.Identity);
        using var writer = new JsonResponse(context.Response, context.RequestAborted);
        writer.Json.WriteStartArray();
        foreach (var (places, tokens) in tokenized)
        {
            writer.Json.WriteStartArray();
            foreach (var token in tokens)
            {
                Write(writer.Json, token, places);
                await writer.FlushIfLargeAsync();
            }

            writer.Json.WriteEndArray();
        }

        writer.Json.WriteEndArray();
        await writer.FinishAsync();
    }

    public async Task DecodeAsync(HttpContext context)
    {
        var (call, skip) = await RequestBody.ReadAsync(context, static body => ReadIds(body));
        using var selected = await selector.SelectAsync(call, context.RequestAborted);
        var tokenizer = selected.Model.Tokenizer;
        Check(call.Tokens!, tokenizer.VocabularySize);

        // A decoder may have a regular expression that gives up, too.
        var texts = call.Tokens!.Select(ids => tokenizer.Decode(ids, skip)).ToList();
        context.Response.WriteModelHeader(selected.Model.Identity);
        using var writer = new JsonResponse(context.Response, context.RequestAborted);
        writer.Json.WriteStartArray();
        foreach (var text in texts)
        {
            writer.Json.WriteStringValue(text);
            await writer.FlushIfLargeAsync();
        }

        writer.Json.WriteEndArray();
        await writer.FinishAsync();
    }

    private static (EmbeddingCall Call, bool Special) ReadTexts(JsonElement body, int longest)
    {
        var fields = new JsonFields(body);
        var call = fields.ReadCall();
        var special = fields.Flag("add_special_tokens") ?? true;
        var texts = TextInputs.Read(fields, "inputs", EmbedderOptions.MaxTextsPerRequest, failsAlone: false).Texts
            ?? throw new RefusalException("inputs must be a text or a list of texts.", "inputs");
        var length = 0L;
        foreach (var text in texts)
        {
            length += text.Length;
        }

        return length <= longest
            ? (call with { Texts = texts }, special)
            : throw new RefusalException(
                StatusCodes.Status413PayloadTooLarge, $"inputs have {length} characters together; the most is {longest}.", "inputs", "request_too_large");
    }

    private static (EmbeddingCall Call, bool Skip) ReadIds(JsonElement body)
    {
        var fields = new JsonFields(body);
        var call = fields.ReadCall();
        var skip = fields.Flag("skip_special_tokens") ?? true;
        if (fields.TryGet("ids", out var ids) && ids.ValueKind == JsonValueKind.Number)
        {
            return (call with { Tokens = [[TokenIds.ReadOne(ids, "ids")]] }, skip);
        }

        if (!fields.TryGet("ids", out ids) || ids.ValueKind != JsonValueKind.Array)
        {
            throw new RefusalException("ids must be a list of token ids, or a list of such lists.", "ids");
        }

        var lists = TextInputs.Read(fields, "ids", EmbedderOptions.MaxTextsPerRequest, failsAlone: false).Tokens
            ?? throw new RefusalException("ids must be a list of token ids, or a list of such lists.", "ids");
        return (call with { Tokens = lists }, skip);
    }

    private static void Check(IReadOnlyList<int[]> lists, int limit)
    {
        for (var i = 0; i < lists.Count; i++)
        {
            if (lists[i].AsSpan().IndexOfAnyExceptInRange(0, limit - 1) is >= 0 and var place)
            {
                throw new RefusalException($"ids[{i}][{place}] is not a token id of this model, whose ids are below {limit}.", "ids");
            }
        }
    }

    private static void Write(Utf8JsonWriter json, in Token token, CodePoints places)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, token.Id);
        json.WriteString("text"u8, token.Text);
        json.WriteBoolean("special"u8, token.IsSpecial);
        if (token.Stop > token.Start)
        {
            json.WriteNumber("start"u8, places.Before(token.Start));
            json.WriteNumber("stop"u8, places.Before(token.Stop));
        }
        else
        {
            json.WriteNull("start"u8);
            json.WriteNull("stop"u8);
        }

        json.WriteEndObject();
    }
}
