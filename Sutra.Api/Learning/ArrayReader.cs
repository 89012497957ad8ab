using System.Buffers;
using System.Text.Json;

namespace Sutra.Api.Learning;

/// <summary>What the next bytes of an array are.</summary>
internal enum ArrayStep
{
    /// <summary>Not to be told before there is more.</summary>
    More,
    Element,

    /// <summary>The array is over, and nothing follows.</summary>
    End,
    NotArray,
    NotJson,
}

/// <summary>Takes a JSON array apart as it comes, an element at a time.</summary>
internal sealed class ArrayReader
{
    private JsonReaderState _state;
    private bool _begun;
    private bool _ended;

    /// <param name="buffer">What was not taken yet; shortened by what is.</param>
    /// <param name="isLast">Nothing comes after the buffer.</param>
    /// <param name="element">The element's JSON, not checked for Unicode.</param>
    public ArrayStep Next(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> element)
    {
        element = default;
        try
        {
            if (!_begun)
            {
                var opening = new Utf8JsonReader(buffer, isLast, _state);
                if (!opening.Read())
                {
                    return ArrayStep.More;
                }

                if (opening.TokenType != JsonTokenType.StartArray)
                {
                    return ArrayStep.NotArray;
                }

                _begun = true;
                Take(ref buffer, opening.CurrentState, opening.BytesConsumed);
            }

            return _ended ? AfterTheEnd(buffer, isLast) : NextElement(ref buffer, isLast, out element);
        }
        catch (JsonException)
        {
            return _begun ? ArrayStep.NotJson : ArrayStep.NotArray;
        }
    }

    private ArrayStep NextElement(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> element)
    {
        element = default;
        var reader = new Utf8JsonReader(buffer, isLast, _state);
        if (!reader.Read())
        {
            return ArrayStep.More;
        }

        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _ended = true;
            Take(ref buffer, reader.CurrentState, reader.BytesConsumed);
            return AfterTheEnd(buffer, isLast);
        }

        var start = reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return ArrayStep.More;
        }

        element = buffer.Slice(start, reader.BytesConsumed - start);
        Take(ref buffer, reader.CurrentState, reader.BytesConsumed);
        return ArrayStep.Element;
    }

    private static ArrayStep AfterTheEnd(in ReadOnlySequence<byte> buffer, bool isLast)
    {
        foreach (var segment in buffer)
        {
            if (segment.Span.ContainsAnyExcept(" \t\r\n"u8))
            {
                return ArrayStep.NotJson;
            }
        }

        return isLast ? ArrayStep.End : ArrayStep.More;
    }

    private void Take(ref ReadOnlySequence<byte> buffer, JsonReaderState state, long consumed)
    {
        _state = state;
        buffer = buffer.Slice(consumed);
    }
}
