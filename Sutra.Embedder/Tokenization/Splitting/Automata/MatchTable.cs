using System.Runtime.InteropServices;

namespace Sutra.Embedder.Tokenization.Splitting.Automata;

/// <summary>
/// The deterministic automaton of a program: one look into a table for each character. A state is the list of steps that are
/// under way, the preferred one first; what is behind an end counts no more, so that the match is the one that backtracking finds.
/// </summary>
internal sealed class MatchTable
{
    /// <summary>No match can follow.</summary>
    public const int Dead = 0;

    /// <summary>The state in which nothing was read.</summary>
    public const int Start = 1;

    // Beyond this an expression is left to .NET's engine.
    private const int MostStates = 512;

    private readonly PatternProgram _program;
    private readonly CharacterClasses _classes;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<int[]> _states = [];
    private readonly List<int> _next = [];

    private MatchTable(PatternProgram program, CharacterClasses classes)
    {
        _program = program;
        _classes = classes;
    }

    /// <summary>
    /// By state, and by class within it: the next state twice, one more if a match ends there. Null: there are too many states.
    /// </summary>
    public static ushort[]? Make(PatternProgram program, CharacterClasses classes)
    {
        var table = new MatchTable(program, classes);
        table.NumberOf([]);
        table.NumberOf(table.Closure([0]));
        for (var state = 0; state < table._states.Count; state++)
        {
            if (state > MostStates)
            {
                return null;
            }

            for (var @class = 0; @class < classes.Count; @class++)
            {
                table._next.Add(table.Follow(table._states[state], @class));
            }
        }

        return [.. table._next.Select(next => (ushort)next)];
    }

    private int Follow(int[] state, int @class)
    {
        var steps = _program.Steps;
        var reached = Closure(state.Where(step => steps[step].Kind == StepKind.Set && _classes.IsIn(@class, steps[step].Other))
            .Select(step => steps[step].Next));
        return (NumberOf(reached) * 2) + (reached is [.., var last] && steps[last].Kind == StepKind.End ? 1 : 0);
    }

    private int[] Closure(IEnumerable<int> from)
    {
        var reached = new List<int>();
        var seen = new HashSet<int>();
        foreach (var start in from)
        {
            var waiting = new Stack<int>([start]);
            while (waiting.TryPop(out var at))
            {
                if (!seen.Add(at))
                {
                    continue;
                }

                var step = _program.Steps[at];
                if (step.Kind == StepKind.Part)
                {
                    waiting.Push(step.Other);
                    waiting.Push(step.Next);
                    continue;
                }

                reached.Add(at);
                if (step.Kind == StepKind.End)
                {
                    return [.. reached];
                }
            }
        }

        return [.. reached];
    }

    private int NumberOf(int[] state)
    {
        var key = new string([.. state.Select(step => (char)step)]);
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out var known);
        if (!known)
        {
            number = _states.Count;
            _states.Add(state);
        }

        return number;
    }
}
