package dev.lockstep.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lockstep's core in small: the code that docs/core.md explains. */
final class TinyCore {
  private TinyCore() {}

  sealed interface Value {
    List<Integer> shape();

    default Value mul(Value y) {
      return bind(new Mul(), this, y);
    }

    default Value sin() {
      return bind(new Sin(0), this);
    }

    default Value sum(int axis) {
      return bind(new Sum(axis, shape().get(axis)), this);
    }

    default Value add(Value y) {
      return bind(new Add(), this, y);
    }
  }

  record Array(List<Integer> shape, double... data) implements Value {}

  record Tracer(List<Integer> shape) implements Value {}

  record Variable(int id, List<Integer> shape) {}

  record Equation(Op op, List<Variable> inputs, Variable output) {}

  record Program(List<Variable> inputs, List<Equation> equations, List<Variable> outputs) {}

  record Traced(Program program, List<Value> captured) {
    List<Value> with(Value argument) {
      return Stream.concat(Stream.of(argument), captured.stream()).toList();
    }
  }

  static final class Trace {
    static Trace current;
    final List<Variable> inputs = new ArrayList<>();
    final List<Equation> equations = new ArrayList<>();
    final List<Value> captured = new ArrayList<>();
    final Map<Value, Variable> variables = new IdentityHashMap<>();

    Value tracer(Variable variable) {
      Value tracer = new Tracer(variable.shape());
      variables.put(tracer, variable);
      return tracer;
    }

    Variable variable(List<Integer> shape) {
      return new Variable(inputs.size() + equations.size(), shape);
    }

    Variable input(List<Integer> shape) {
      inputs.add(variable(shape));
      return inputs.getLast();
    }

    Variable lift(Value value) {
      if (!variables.containsKey(value)) {
        captured.add(value);
        variables.put(value, input(value.shape()));
      }
      return variables.get(value);
    }

    Value append(Op op, Value... operands) {
      List<Variable> inputs = Arrays.stream(operands).map(this::lift).toList();
      Variable output = variable(op.shape(operands[0].shape()));
      equations.add(new Equation(op, inputs, output));
      return tracer(output);
    }
  }

  static Value bind(Op op, Value... operands) {
    if (Trace.current != null) {
      return Trace.current.append(op, operands);
    }
    return op.run(Arrays.copyOf(operands, operands.length, Array[].class));
  }

  static Traced trace(List<List<Integer>> shapes, Function<List<Value>, List<Value>> function) {
    Trace outer = Trace.current;
    Trace trace = new Trace();
    Trace.current = trace;
    try {
      List<Value> tracers = shapes.stream().map(s -> trace.tracer(trace.input(s))).toList();
      List<Variable> outputs = function.apply(tracers).stream().map(trace::lift).toList();
      return new Traced(new Program(trace.inputs, trace.equations, outputs), trace.captured);
    } finally {
      Trace.current = outer;
    }
  }

  static Map<Variable, Value> evaluate(Program program, List<Value> inputs) {
    Map<Variable, Value> values = table(program.inputs(), inputs);
    for (Equation e : program.equations()) {
      values.put(e.output(), bind(e.op(), of(e.inputs(), values).toArray(Value[]::new)));
    }
    return values;
  }

  static Map<Variable, Value> table(List<Variable> variables, List<Value> values) {
    Map<Variable, Value> table = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      table.put(variables.get(i), values.get(i));
    }
    return table;
  }

  static List<Value> of(List<Variable> variables, Map<Variable, Value> values) {
    return Arrays.asList(variables.stream().map(values::get).toArray(Value[]::new));
  }

  sealed interface Op {
    List<Integer> shape(List<Integer> operand);

    Array run(Array... x);

    Value jvp(List<Value> x, List<Value> dx);

    List<Value> transpose(Value ct, List<Value> known);

    Op batched();
  }

  static Value plus(Value x, Value y) {
    return x == null ? y : y == null ? x : x.add(y);
  }

  static Value times(Value x, Value y) {
    return x == null || y == null ? null : x.mul(y);
  }

  sealed interface Elementwise extends Op {
    double element(double... x);

    default List<Integer> shape(List<Integer> operand) {
      return operand;
    }

    default Array run(Array... x) {
      return array(
          x[0].shape(),
          i -> element(Arrays.stream(x).mapToDouble(operand -> operand.data()[i]).toArray()));
    }

    default Op batched() {
      return this;
    }
  }

  record Add() implements Elementwise {
    public double element(double... x) {
      return x[0] + x[1];
    }

    public Value jvp(List<Value> x, List<Value> dx) {
      return plus(dx.get(0), dx.get(1));
    }

    public List<Value> transpose(Value ct, List<Value> known) {
      return List.of(ct, ct);
    }
  }

  record Mul() implements Elementwise {
    public double element(double... x) {
      return x[0] * x[1];
    }

    public Value jvp(List<Value> x, List<Value> dx) {
      return plus(times(dx.get(0), x.get(1)), times(x.get(0), dx.get(1)));
    }

    public List<Value> transpose(Value ct, List<Value> known) {
      return Arrays.asList(times(ct, known.get(1)), times(ct, known.get(0)));
    }
  }

  /** sin(x + quarters · π/2), which is its own family of derivatives. */
  record Sin(int quarters) implements Elementwise {
    public double element(double... x) {
      return Math.sin(x[0] + quarters * Math.PI / 2);
    }

    public Value jvp(List<Value> x, List<Value> dx) {
      return dx.get(0).mul(bind(new Sin(quarters + 1), x.get(0)));
    }

    public List<Value> transpose(Value ct, List<Value> known) {
      throw new IllegalStateException("sin is not linear");
    }
  }

  record Sum(int axis, int size) implements Op {
    public List<Integer> shape(List<Integer> operand) {
      List<Integer> shape = new ArrayList<>(operand);
      shape.remove(axis);
      return shape;
    }

    public Array run(Array... x) {
      Array sum = array(shape(x[0].shape()), i -> 0);
      int inner = product(sum.shape().subList(axis, sum.shape().size()));
      for (int i = 0; i < x[0].data().length; i++) {
        sum.data()[i / (size * inner) * inner + i % inner] += x[0].data()[i];
      }
      return sum;
    }

    public Value jvp(List<Value> x, List<Value> dx) {
      return bind(this, dx.get(0));
    }

    public List<Value> transpose(Value ct, List<Value> known) {
      return List.of(bind(new Spread(axis, size), ct));
    }

    public Op batched() {
      return new Sum(axis + 1, size);
    }
  }

  record Spread(int axis, int size) implements Op {
    public List<Integer> shape(List<Integer> operand) {
      List<Integer> shape = new ArrayList<>(operand);
      shape.add(axis, size);
      return shape;
    }

    public Array run(Array... x) {
      int inner = product(x[0].shape().subList(axis, x[0].shape().size()));
      return array(shape(x[0].shape()), i -> x[0].data()[i / (size * inner) * inner + i % inner]);
    }

    public Value jvp(List<Value> x, List<Value> dx) {
      return bind(this, dx.get(0));
    }

    public List<Value> transpose(Value ct, List<Value> known) {
      return List.of(bind(new Sum(axis, size), ct));
    }

    public Op batched() {
      return new Spread(axis + 1, size);
    }
  }

  static Map<Variable, Value> push(
      Program program, Map<Variable, Value> values, List<Value> tangents) {
    Map<Variable, Value> dx = table(program.inputs(), tangents);
    for (Equation e : program.equations()) {
      if (e.inputs().stream().anyMatch(dx::containsKey)) {
        dx.put(e.output(), e.op().jvp(of(e.inputs(), values), of(e.inputs(), dx)));
      }
    }
    return dx;
  }

  static Program jvp(Program program, int arguments) {
    List<List<Integer>> shapes =
        new ArrayList<>(program.inputs().stream().map(Variable::shape).toList());
    int inputs = shapes.size();
    shapes.addAll(shapes.subList(0, arguments));
    return trace(
            shapes,
            x -> {
              Map<Variable, Value> values = evaluate(program, x.subList(0, inputs));
              Map<Variable, Value> dx = push(program, values, x.subList(inputs, x.size()));
              Variable y = program.outputs().getFirst();
              return List.of(values.get(y), dx.getOrDefault(y, zeros(y.shape())));
            })
        .program();
  }

  static Value jvp(Function<Value, Value> f, Value x, Value dx) {
    Traced traced = trace(List.of(x.shape()), t -> List.of(f.apply(t.getFirst())));
    Program jvp = jvp(traced.program(), 1);
    List<Value> inputs = Stream.concat(traced.with(x).stream(), Stream.of(dx)).toList();
    return evaluate(jvp, inputs).get(jvp.outputs().getLast());
  }

  static Traced linearize(Program program, List<Value> inputs) {
    Map<Variable, Value> values = evaluate(program, inputs);
    Variable y = program.outputs().getFirst();
    return trace(
        List.of(inputs.getFirst().shape()),
        dx -> List.of(push(program, values, dx).getOrDefault(y, zeros(y.shape()))));
  }

  static Value transpose(Traced linear, Value ct) {
    Program program = linear.program();
    Variable dx = program.inputs().getFirst();
    List<Variable> residuals = program.inputs().subList(1, program.inputs().size());
    Map<Variable, Value> known = table(residuals, linear.captured());
    List<Equation> unknown = new ArrayList<>();
    for (Equation e : program.equations()) {
      if (known.keySet().containsAll(e.inputs())) {
        known.put(e.output(), bind(e.op(), of(e.inputs(), known).toArray(Value[]::new)));
      } else {
        unknown.add(e);
      }
    }
    Map<Variable, Value> cts = new HashMap<>(Map.of(program.outputs().getFirst(), ct));
    for (Equation e : unknown.reversed()) {
      if (cts.containsKey(e.output())) {
        List<Value> rule = e.op().transpose(cts.get(e.output()), of(e.inputs(), known));
        for (int i = 0; i < rule.size(); i++) {
          if (!known.containsKey(e.inputs().get(i))) {
            cts.merge(e.inputs().get(i), rule.get(i), Value::add);
          }
        }
      }
    }
    return cts.getOrDefault(dx, zeros(dx.shape()));
  }

  static Function<Value, Value> grad(Function<Value, Value> f) {
    return x -> {
      Traced traced = trace(List.of(x.shape()), t -> List.of(f.apply(t.getFirst())));
      return transpose(linearize(traced.program(), traced.with(x)), scalar(1));
    };
  }

  static Function<Value, Value> vmap(Function<Value, Value> f) {
    return x -> {
      int size = x.shape().getFirst();
      List<Integer> example = x.shape().subList(1, x.shape().size());
      Traced traced = trace(List.of(example), t -> List.of(f.apply(t.getFirst())));
      return batch(traced.program(), traced.with(x), size);
    };
  }

  static Value batch(Program program, List<Value> inputs, int size) {
    Map<Variable, Value> values = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      Value input = inputs.get(i);
      values.put(program.inputs().get(i), i == 0 ? input : bind(new Spread(0, size), input));
    }
    for (Equation e : program.equations()) {
      Value[] operands = of(e.inputs(), values).toArray(Value[]::new);
      values.put(e.output(), bind(e.op().batched(), operands));
    }
    return values.get(program.outputs().getFirst());
  }

  static Array array(List<Integer> shape, IntToDoubleFunction element) {
    return new Array(shape, IntStream.range(0, product(shape)).mapToDouble(element).toArray());
  }

  static Array zeros(List<Integer> shape) {
    return array(shape, i -> 0);
  }

  static Array scalar(double x) {
    return new Array(List.of(), x);
  }

  static Array vector(double... x) {
    return new Array(List.of(x.length), x);
  }

  static int product(List<Integer> shape) {
    return shape.stream().reduce(1, Math::multiplyExact);
  }
}
