namespace Sutra.Models.Onnx;

/// <summary>A computation graph under construction: inputs, constants and nodes in topological order, outputs.</summary>
public sealed class OnnxGraph(string name)
{
    private readonly List<OnnxValue> _inputs = [];
    private readonly List<OnnxValue> _outputs = [];
    private readonly List<OnnxTensor> _initializers = [];
    private readonly List<OnnxNode> _nodes = [];

    public string Name { get; } = name;

    /// <param name="shape">Fixed sizes (<c>256</c>) and named free ones (<c>"batch"</c>), outermost first.</param>
    public OnnxGraph Input(string name, OnnxElementType type, params OnnxDimension[] shape)
    {
        _inputs.Add(new OnnxValue(name, type, shape));
        return this;
    }

    /// <inheritdoc cref="Input"/>
    public OnnxGraph Output(string name, OnnxElementType type, params OnnxDimension[] shape)
    {
        _outputs.Add(new OnnxValue(name, type, shape));
        return this;
    }

    public OnnxGraph Constant(OnnxTensor tensor)
    {
        _initializers.Add(tensor);
        return this;
    }

    /// <summary>Appends an operator with one output.</summary>
    /// <param name="output">The name of its result; also the node's name.</param>
    /// <param name="inputs">Names of graph inputs, constants or results of earlier nodes; empty string = optional input left out.</param>
    public OnnxGraph Node(string operation, string output, string[] inputs, params OnnxAttribute[] attributes)
    {
        _nodes.Add(new OnnxNode(operation, inputs, output, attributes));
        return this;
    }

    internal void WriteTo(ProtobufWriter graph)
    {
        foreach (var node in _nodes)
        {
            graph.Message(1, node.WriteTo);
        }

        graph.String(2, Name);
        foreach (var initializer in _initializers)
        {
            graph.Message(5, initializer.WriteTo);
        }

        foreach (var input in _inputs)
        {
            graph.Message(11, input.WriteTo);
        }

        foreach (var output in _outputs)
        {
            graph.Message(12, output.WriteTo);
        }
    }

    private sealed record OnnxNode(string Operation, string[] Inputs, string Output, OnnxAttribute[] Attributes)
    {
        public void WriteTo(ProtobufWriter node)
        {
            foreach (var input in Inputs)
            {
                node.String(1, input);
            }

            node.String(2, Output);
            node.String(3, Output);
            node.String(4, Operation);
            foreach (var attribute in Attributes)
            {
                node.Message(5, attribute.WriteTo);
            }
        }
    }

    private sealed record OnnxValue(string Name, OnnxElementType Type, OnnxDimension[] Shape)
    {
        public void WriteTo(ProtobufWriter value)
        {
            value.String(1, Name);
            value.Message(2, type => type.Message(1, tensor =>
            {
                tensor.Int64(1, (long)Type);
                tensor.Message(2, shape =>
                {
                    foreach (var dimension in Shape)
                    {
                        shape.Message(1, dimension.WriteTo);
                    }
                });
            }));
        }
    }
}
