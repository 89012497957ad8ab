namespace Sutra.Examples.Finance;

/// <summary>How the questions are put: {c} and {b} are companies, {d} a day or a time, {t} a ticker, {x} something unknown.</summary>
public sealed partial class FinanceQuestions
{
    private static readonly Dictionary<string, string[]> Values = new(StringComparer.Ordinal)
    {
        ["price_close"] =
        [
            "What did {c} close at on {d}?", "What was the closing price of {c} on {d}?", "{c} closing price {d}", "On {d}, where did {c} finish the day?",
            "At what price did {c} end trading on {d}?", "Give me {c}'s close for {d}.", "how much was a share of {c} worth at the close on {d}",
            "Can you tell me what {c} settled at on {d}?", "I need the final price of {c} on {d}", "What price did shares of {c} finish at on {d}?",
        ],
        ["price_open"] =
        [
            "What did {c} open at on {d}?", "What was the opening price of {c} on {d}?", "{c} open {d}", "At what price did {c} start the day on {d}?",
            "Where did {c} begin trading on {d}?", "On {d}, what was the first price of {c}?", "Tell me the price at which {c} opened on {d}.", "How much did {c} cost at the opening on {d}?",
        ],
        ["price_high"] =
        [
            "What was the highest price of {c} on {d}?", "What was {c}'s high on {d}?", "How high did {c} go on {d}?", "{d}: maximum price of {c}?",
            "What was the peak price of {c} on {d}?", "Daily high of {c} on {d}", "What is the most that a share of {c} cost on {d}?", "Which top price did {c} reach on {d}?",
        ],
        ["price_low"] =
        [
            "What was the lowest price of {c} on {d}?", "What was {c}'s low on {d}?", "How low did {c} go on {d}?", "{d}: minimum price of {c}?",
            "What was the bottom price for {c} on {d}?", "day's low {c} {d}", "What was the cheapest that {c} traded at on {d}?", "To what price did {c} drop at the lowest on {d}?",
        ],
        ["volume"] =
        [
            "How many shares of {c} were traded on {d}?", "What was the volume of {c} on {d}?", "{c} trading volume {d}", "On {d}, how many {c} shares changed hands?",
            "What was the turnover in {c} shares on {d}?", "How much volume did {c} see on {d}?", "Number of {c} shares traded on {d}?", "How heavily was {c} traded on {d}, in shares?",
        ],
    };

    private static readonly (string Text, string Measure, bool IsMaximum, bool WantsDay)[] Extremes =
    [
        ("What was the highest price of {c} in {d}?", "price_high", true, false),
        ("What was the highest closing price of {c} in {d}?", "price_close", true, false),
        ("What was the lowest price of {c} in {d}?", "price_low", false, false),
        ("What was {c}'s lowest close in {d}?", "price_close", false, false),
        ("On which day of {d} did {c} close highest?", "price_close", true, true),
        ("When did {c} have its lowest close in {d}?", "price_close", false, true),
        ("In {d}, on what date was the volume of {c} the greatest?", "volume", true, true),
        ("Which day in {d} had the most shares of {c} traded?", "volume", true, true),
        ("What was the peak of {c} during {d}?", "price_high", true, false),
        ("How low did {c} fall in {d}?", "price_low", false, false),
        ("maximum volume of {c} in {d}", "volume", true, false),
        ("What was the smallest trading volume of {c} in {d}?", "volume", false, false),
        ("When was {c} at its most expensive in {d}?", "price_high", true, true),
        ("Busiest trading day for {c} in {d}?", "volume", true, true),
    ];

    private static readonly (string Text, string Measure, bool IsMore, bool IsYesNo, bool IsMonth, string How)[] Comparisons =
    [
        ("Which closed higher on {d}, {c} or {b}?", "price_close", true, false, false, ""),
        ("Did {c} close higher than {b} on {d}?", "price_close", true, true, false, ""),
        ("Compare the closing prices of {c} and {b} on {d}.", "price_close", true, false, false, ""),
        ("Which of {c} and {b} had the larger volume on {d}?", "volume", true, false, false, ""),
        ("Who traded more shares on {d}: {c} or {b}?", "volume", true, false, false, ""),
        ("Was the opening price of {c} below that of {b} on {d}?", "price_open", false, true, false, ""),
        ("On {d}, was {c} or {b} cheaper at the close?", "price_close", false, false, false, ""),
        ("Between {c} and {b}, which had the lower low on {d}?", "price_low", false, false, false, ""),
        ("Which had the higher average close in {d}, {c} or {b}?", "price_close", true, false, true, "average"),
        ("Did more shares of {c} than of {b} change hands in {d}?", "volume", true, true, true, "sum"),
        ("{c} vs {b}: who had the bigger total volume in {d}?", "volume", true, false, true, "sum"),
        ("Which gained more in {d}, {c} or {b}?", "price_close", true, false, true, "change"),
        ("Which performed better over {d}: {c} or {b}?", "price_close", true, false, true, "change"),
    ];

    private static readonly (string Text, bool? Yes)[] Trends =
    [
        ("How did the price of {c} develop in {d}?", null),
        ("Did {c} rise or fall in {d}?", null),
        ("Was {c} up or down over {d}?", null),
        ("What was the trend of {c} in {d}?", null),
        ("How did {c} perform during {d}?", null),
        ("Describe how {c}'s closing price moved in {d}.", null),
        ("Did {c} gain in {d}?", true),
        ("Did the shares of {c} lose value in {d}?", false),
        ("In which direction did {c} move in {d}?", null),
        ("How did {c} do in {d}?", null),
        ("Summarise the development of {c} in {d}", null),
        ("Has {c} gone up in {d}?", true),
    ];

    private static readonly (string Text, string Measure, bool IsMaximum, string Span, string How)[] WhichOnes =
    [
        ("Which company had the highest volume on {d}?", "volume", true, "day", ""),
        ("Which company closed highest on {d}?", "price_close", true, "day", ""),
        ("Which stock had the lowest closing price on {d}?", "price_close", false, "day", ""),
        ("What company traded the most shares on {d}?", "volume", true, "day", ""),
        ("Who had the highest opening price on {d}?", "price_open", true, "day", ""),
        ("Which firm saw the fewest shares traded on {d}?", "volume", false, "day", ""),
        ("Name the company with the lowest low on {d}.", "price_low", false, "day", ""),
        ("Which company gained the most in {d}?", "price_close", true, "month", "change"),
        ("Which company lost the most in {d}?", "price_close", false, "month", "change"),
        ("Which company had the highest average close in {d}?", "price_close", true, "month", "average"),
        ("Which company traded the most shares in total in {d}?", "volume", true, "month", "sum"),
        ("Which company reached the highest price in {d}?", "price_high", true, "month", "max"),
        ("Which company has the ticker {t}?", "volume", true, "day", "ticker"),
    ];

    private static readonly (string Text, string Why)[] Unanswerables =
    [
        ("What did {x} close at on {d}?", "unknown"),
        ("How many shares of {x} were traded on {d}?", "unknown"),
        ("What was the highest price of {x} in {month}?", "unknown"),
        ("Did {c} close higher than {x} on {d}?", "unknown"),
        ("What did {c} close at on {d}?", "closed"),
        ("How many shares of {c} were traded on {d}?", "closed"),
        ("What was the closing price of {c} on {d}?", "future"),
        ("Which company had the highest volume on {d}?", "future"),
        ("What was the lowest price of {c} on {d}?", "past"),
        ("How did {c} perform in {month}?", "future"),
        ("What dividend did {c} pay on {d}?", "measure"),
        ("What was the revenue of {c} in {month}?", "measure"),
        ("Who is the chief executive of {c}?", "measure"),
        ("How many employees did {c} have on {d}?", "measure"),
        ("What was the market capitalisation of {c} on {d}?", "measure"),
        ("Why did {c} fall on {d}?", "measure"),
        ("Where are the headquarters of {c}?", "measure"),
        ("What was the highest temperature at the plant of {c} in {month}?", "measure"),
        ("How many shops did {c} close on {d}?", "measure"),
        ("What was the closing balance of {c}'s bank account on {d}?", "measure"),
        ("How high were the taxes of {c} in {month}?", "measure"),
        ("What was the average salary at {c} in {month}?", "measure"),
        ("How many patents did {c} have on {d}?", "measure"),
        ("Who won the football match on {d}?", "subject"),
        ("What was the weather in Lisbon on {d}?", "subject"),
        ("What is the capital of France?", "subject"),
        ("How do I bake bread?", "subject"),
        ("What was the closing price on {d}?", "subject"),
    ];

    private static readonly string[] Unknown =
    [
        "Zorblat Industries", "Acme Widgets", "Quexley Foods", "ZBLT", "Brightwater Energy", "Halcyon Robotics", "Foobar Motors", "Umbrella Corporation",
    ];

    // Written when everything else was done, and not tuned for.
    private static readonly Dictionary<string, string[]> HeldOutValues = new(StringComparer.Ordinal)
    {
        ["price_close"] =
        [
            "Please look up {c}: last price of the session on {d}", "When the market shut on {d}, what was {c} trading at?", "What was the {d} closing level for {c}?",
            "I bought {c} right at the bell on {d}. What did I pay?", "{c}, {d}, close?", "What was the quote for {c} at the end of the day on {d}?",
        ],
        ["price_open"] =
        [
            "What was {c} quoted at first thing on {d}?", "{c}, {d}, open?", "What was the starting price of {c} on {d}?", "At the opening bell on {d}, what did {c} cost?",
            "How much did you have to pay for {c} when trading began on {d}?", "opening level of {c} for {d}",
        ],
        ["price_high"] =
        [
            "What was the best price anyone got for {c} on {d}?", "Where did {c} top out on {d}?", "{c}, {d}, high?", "What was the intraday maximum of {c} on {d}?",
            "Upper end of the price range of {c} on {d}?", "How expensive did {c} get on {d} at most?",
        ],
        ["price_low"] =
        [
            "Where did {c} bottom out on {d}?", "{c}, {d}, low?", "What was the intraday minimum of {c} on {d}?", "Lower end of the price range of {c} on {d}?",
            "How cheap did {c} get on {d} at its worst?", "What was the floor for {c} on {d}?",
        ],
        ["volume"] =
        [
            "{c}, {d}, volume?", "What quantity of {c} stock moved on {d}?", "How many pieces of {c} were bought and sold on {d}?", "How busy was {c} on {d}?",
            "Shares of {c} dealt on {d}?", "What was the number of shares that switched owners at {c} on {d}?",
        ],
    };

    private static readonly (string Text, string Measure, bool IsMaximum, bool WantsDay)[] HeldOutExtremes =
    [
        ("What is the most {c} ever cost in {d}?", "price_high", true, false),
        ("Pick the day in {d} with {c}'s best close.", "price_close", true, true),
        ("Which date in {d} brought the weakest close for {c}?", "price_close", false, true),
        ("In {d}, what was the largest number of {c} shares dealt in one day?", "volume", true, false),
        ("Where was the low point of {c} in {d}?", "price_low", false, false),
        ("Give me the date on which {c} peaked in {d}.", "price_high", true, true),
    ];

    private static readonly (string Text, string Measure, bool IsMore, bool IsYesNo, bool IsMonth, string How)[] HeldOutComparisons =
    [
        ("{c} or {b}: whose close was higher on {d}?", "price_close", true, false, false, ""),
        ("Put {c} and {b} side by side: which one opened lower on {d}?", "price_open", false, false, false, ""),
        ("Was {c} more heavily traded than {b} on {d}, by volume?", "volume", true, true, false, ""),
        ("Did {c} beat {b} at the close on {d}?", "price_close", true, true, false, ""),
        ("Of {c} and {b}, who rose more in {d}?", "price_close", true, false, true, "change"),
        ("Over {d}, which of the two, {c} or {b}, had the lower average closing price?", "price_close", false, false, true, "average"),
    ];

    private static readonly (string Text, bool? Yes)[] HeldOutTrends =
    [
        ("Where was {c} headed in {d}?", null),
        ("Give me the story of {c}'s share price in {d}.", null),
        ("Was {d} a good time for {c} shareholders?", null),
        ("Did {c} climb in {d}?", true),
        ("Was there a decline in {c} in {d}?", false),
        ("By how much did {c} change over {d}?", null),
    ];

    private static readonly (string Text, string Measure, bool IsMaximum, string Span, string How)[] HeldOutWhich =
    [
        ("Who was the volume leader on {d}?", "volume", true, "day", ""),
        ("Of all companies, which one had the dearest close on {d}?", "price_close", true, "day", ""),
        ("Show me the stock with the smallest turnover on {d}.", "volume", false, "day", ""),
        ("What was the biggest winner of {d}?", "price_close", true, "month", "change"),
        ("Which share declined most in {d}?", "price_close", false, "month", "change"),
        ("{t} is the ticker of which company?", "volume", true, "day", "ticker"),
    ];

    private static readonly (string Text, string Why)[] HeldOutUnanswerables =
    [
        ("Is {x} a good investment?", "unknown"),
        ("Opening price of {x} on {d}", "unknown"),
        ("Between {c} and {x}, which was dearer on {d}?", "unknown"),
        ("Any trading in {c} on {d}? How many shares?", "closed"),
        ("{c} close on {d}", "future"),
        ("What interest rate does {c} pay on its loans?", "measure"),
        ("How much profit did {c} make in {month}?", "measure"),
        ("Who founded {c}?", "measure"),
        ("How many goals were scored on {d}?", "subject"),
    ];
}
