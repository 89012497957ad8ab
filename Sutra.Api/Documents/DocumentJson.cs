using System.Text.Json.Serialization;

namespace Sutra.Api.Documents;

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DocumentJson : JsonSerializerContext;
