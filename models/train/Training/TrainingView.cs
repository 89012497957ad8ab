using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sutra.Models.Train.Training;

/// <summary>Training as it goes: a bar with loss, pairs/s and time left; a line for every tenth where nobody watches.</summary>
internal sealed class TrainingView(IAnsiConsole console, int batchSize)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TrainingProgress _now = new(0, 1, 0, 0);
    private float _smoothLoss;

    public void Run(Action<Action<TrainingProgress>> train)
    {
        if (console.Profile.Capabilities.Interactive)
        {
            console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new FiguresColumn(this), new RemainingTimeColumn())
                .Start(progress =>
                {
                    var task = progress.AddTask("Training");
                    train(now =>
                    {
                        Keep(now);
                        task.MaxValue = now.Steps;
                        task.Value = now.Step;
                    });
                });
        }
        else
        {
            train(now =>
            {
                Keep(now);
                if (now.Step * 10 / now.Steps > (now.Step - 1) * 10 / now.Steps)
                {
                    console.Profile.Out.Writer.WriteLine($"Training: {now.Step}/{now.Steps} steps, {Figures()}");
                }
            });
        }
    }

    private void Keep(TrainingProgress now)
    {
        _now = now;
        _smoothLoss = now.Step == now.FirstStep + 1 ? now.Loss : (0.98f * _smoothLoss) + (0.02f * now.Loss);
    }

    private string Figures()
    {
        var seconds = TimeProvider.System.GetElapsedTime(_started).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"loss {_smoothLoss:F3}, {(_now.Step - _now.FirstStep) * (double)batchSize / seconds:N0} pairs/s");
    }

    private sealed class FiguresColumn(TrainingView view) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(view.Figures());
    }
}
