namespace Sutra.Embedder.Tokenization.Splitting.Automata;

/// <summary>
/// An expression as steps of a nondeterministic automaton (Thompson 1968; in Pike's form, where the order of ways counts): a
/// character of a set, a way that parts in two, or the end.
/// </summary>
internal sealed class PatternProgram
{
    // An expression that unfolds to more is left to .NET's engine.
    private const int MostSteps = 1000;

    private readonly List<Step> _steps = [];
    private readonly List<string> _sets = [];
    private bool _fits = true;

    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>The sets that steps name by index.</summary>
    public IReadOnlyList<string> Sets => _sets;

    /// <summary>Null: the expression is too large.</summary>
    public static PatternProgram? Make(PatternNode node)
    {
        var program = new PatternProgram();
        program.Write(node);
        program._steps.Add(new Step(StepKind.End, 0, 0));
        return program._fits && program._sets.Count <= CharacterClasses.MostSets ? program : null;
    }

    private void Write(PatternNode node)
    {
        _fits &= _steps.Count < MostSteps;
        if (!_fits)
        {
            return;
        }

        switch (node)
        {
            case SetNode set:
                var index = _sets.IndexOf(set.Expression);
                if (index < 0)
                {
                    index = _sets.Count;
                    _sets.Add(set.Expression);
                }

                _steps.Add(new Step(StepKind.Set, _steps.Count + 1, index));
                break;
            case SequenceNode sequence:
                foreach (var item in sequence.Items)
                {
                    Write(item);
                }

                break;
            case AlternativesNode alternatives:
                WriteAlternatives(alternatives.Items);
                break;
            case RepeatNode repeat:
                WriteRepeat(repeat);
                break;
        }
    }

    private void WriteAlternatives(IReadOnlyList<PatternNode> items)
    {
        var ends = new List<int>();
        for (var i = 0; i < items.Count - 1; i++)
        {
            var parts = Reserve();
            Write(items[i]);
            ends.Add(Reserve());
            _steps[parts] = new Step(StepKind.Part, parts + 1, _steps.Count);
        }

        Write(items[^1]);
        foreach (var end in ends)
        {
            _steps[end] = new Step(StepKind.Part, _steps.Count, _steps.Count);
        }
    }

    private void WriteRepeat(RepeatNode repeat)
    {
        for (var i = 0; i < repeat.Min && _fits; i++)
        {
            Write(repeat.Item);
        }

        if (repeat.Max is not { } max)
        {
            var parts = Reserve();
            Write(repeat.Item);
            _steps.Add(new Step(StepKind.Part, parts, parts));
            _steps[parts] = new Step(StepKind.Part, parts + 1, _steps.Count);
            return;
        }

        var open = new List<int>();
        for (var i = repeat.Min; i < max && _fits; i++)
        {
            open.Add(Reserve());
            Write(repeat.Item);
        }

        foreach (var parts in open)
        {
            _steps[parts] = new Step(StepKind.Part, parts + 1, _steps.Count);
        }
    }

    private int Reserve()
    {
        _steps.Add(default);
        return _steps.Count - 1;
    }
}

internal enum StepKind
{
    /// <summary>A character of set <see cref="Step.Other"/>, then on to <see cref="Step.Next"/>.</summary>
    Set,

    /// <summary>On to <see cref="Step.Next"/>, or, if no match lies there, to <see cref="Step.Other"/>.</summary>
    Part,

    /// <summary>A match.</summary>
    End,
}

internal readonly record struct Step(StepKind Kind, int Next, int Other);
