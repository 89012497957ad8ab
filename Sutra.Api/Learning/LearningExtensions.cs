namespace Sutra.Api.Learning;

internal static class LearningExtensions
{
    public static WebApplicationBuilder AddLearning(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LearningOptions>()
            .BindConfiguration(LearningOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<Learner>();
        builder.Services.AddSingleton<BatchLearner>();
        return builder;
    }
}
