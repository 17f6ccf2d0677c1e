package dev.lockstep.program;

import dev.lockstep.error.TracerException;
import dev.lockstep.runtime.Array;
import dev.lockstep.runtime.Backends;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A program being written. While a trace is current, every op on tensors appends one equation to
 * it, also ops on constants. Arrays and tracers of enclosing traces that the function uses become
 * further inputs of the program: it captures them.
 */
public final class Trace {
  private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();

  private final String transform;
  private final Trace parent;
  private final Thread owner = Thread.currentThread();
  private final StackTraceElement opened;
  private final boolean recordsOrigins;
  private final List<Variable> arguments = new ArrayList<>();
  private final List<Equation> equations = new ArrayList<>();
  private final List<Variable> capturedVariables = new ArrayList<>();
  private final List<Tensor> captured = new ArrayList<>();
  private final Map<Tensor, Variable> capturedBy = new IdentityHashMap<>();

  /** The arguments' tensors where single values exist, else null. */
  private final List<Tensor> argumentValues;

  private final Map<Variable, Array> evaluated = new IdentityHashMap<>();
  private int variables;
  private boolean open = true;
  private StackTraceElement origin;

  private Trace(String transform, Trace parent, List<Tensor> argumentValues) {
    this.transform = transform;
    this.parent = parent;
    this.argumentValues = argumentValues;
    this.recordsOrigins = true;
    this.opened = parent != null && parent.origin != null ? parent.origin : Origin.capture();
  }

  /** A trace of one eager op, whose errors' stack traces show the user's line anyway. */
  private Trace() {
    this.transform = "eager";
    this.parent = null;
    this.argumentValues = List.of();
    this.recordsOrigins = false;
    this.opened = null;
  }

  /** Returns whether an op would be staged now, not run. */
  public static boolean active() {
    return current() != null;
  }

  private static Trace current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /**
   * Calls {@code function} once on tracers of these types and returns what it did as a program.
   *
   * @param transform the user's name of what traces, for errors: {@code vmap}
   * @param values the arguments that the types are of, where a single value of each exists ({@code
   *     grad}, {@code jvp}), so that the function may ask for values; null where none exists
   *     ({@code vmap}, {@code jit})
   */
  public static Traced trace(
      String transform,
      List<TensorType> types,
      List<Tensor> values,
      Function<List<Tensor>, List<Tensor>> function) {
    return new Trace(transform, current(), values).run(types, function);
  }

  private Traced run(List<TensorType> types, Function<List<Tensor>, List<Tensor>> function) {
    List<Tensor> tracers = new ArrayList<>(types.size());
    for (TensorType type : types) {
      Variable variable = variable(type);
      arguments.add(variable);
      tracers.add(new Tracer(this, variable, opened));
    }
    try {
      return ScopedValue.where(CURRENT, this).call(() -> finish(function.apply(tracers)));
    } finally {
      open = false;
    }
  }

  /**
   * Returns the program of a function that uses its arguments only.
   *
   * @param transform what needs the program, for errors
   */
  public static Program program(
      String transform, List<TensorType> types, Function<List<Tensor>, List<Tensor>> function) {
    Traced traced = trace(transform, types, null, function);
    if (!traced.captured().isEmpty()) {
      throw new IllegalStateException(
          transform
              + ": a rule used a value from outside of its operands, "
              + traced.captured()
              + "; constants of rules are Full");
    }
    return traced.program().live();
  }

  /**
   * Runs a body of several ops as one program: at once if no trace is current, else as equations of
   * the current trace.
   */
  public static Tensor staged(Supplier<Tensor> body) {
    return active() ? body.get() : stagedAll(() -> List.of(body.get())).getFirst();
  }

  /** The same for a body with several results. */
  public static List<Tensor> stagedAll(Supplier<List<Tensor>> body) {
    if (active()) {
      return body.get();
    }
    return new Trace().run(List.of(), none -> body.get()).apply(List.of());
  }

  /** Applies a primitive with one result. */
  public static Tensor bind(Primitive primitive, Tensor... operands) {
    return bindAll(primitive, operands).getFirst();
  }

  /** Applies a primitive: appends an equation to the current trace, or runs it at once. */
  public static List<Tensor> bindAll(Primitive primitive, Tensor... operands) {
    Trace trace = current();
    if (trace == null) {
      return runOne(primitive, operands);
    }
    return trace.append(primitive, operands);
  }

  /** Applies a program: its equations join the current trace, or it runs at once. */
  public static List<Tensor> apply(Program program, List<Tensor> inputs) {
    Trace trace = current();
    if (trace == null) {
      List<Array> arrays = new ArrayList<>(inputs.size());
      for (Tensor input : inputs) {
        arrays.add(input.concrete("apply"));
      }
      return List.copyOf(Backends.current().run(program, arrays));
    }
    return trace.inline(program, inputs);
  }

  /**
   * Runs {@code body} with {@code origin} as the user's line of all equations that it appends: for
   * transforms, whose equations come from those of the user.
   */
  public static <R> R at(StackTraceElement origin, Supplier<R> body) {
    Trace trace = current();
    if (trace == null || origin == null) {
      return body.get();
    }
    StackTraceElement before = trace.origin;
    trace.origin = origin;
    try {
      return body.get();
    } finally {
      trace.origin = before;
    }
  }

  /** Returns the user's line that equations appended now come from, or null if it is not known. */
  public static StackTraceElement line() {
    return active() ? current().origin : null;
  }

  String transform() {
    return transform;
  }

  /**
   * Returns the innermost transform around this trace whose arguments have no single values, or
   * null if all have or the trace is over.
   */
  String transformWithoutValues() {
    for (Trace trace = this; trace != null && trace.open; trace = trace.parent) {
      if (trace.argumentValues == null) {
        return trace.transform;
      }
    }
    return null;
  }

  private Variable variable(TensorType type) {
    return new Variable(variables++, type);
  }

  private static List<Tensor> runOne(Primitive primitive, Tensor[] operands) {
    List<Variable> inputs = new ArrayList<>(operands.length);
    List<TensorType> types = new ArrayList<>(operands.length);
    List<Array> arrays = new ArrayList<>(operands.length);
    for (Tensor operand : operands) {
      inputs.add(new Variable(inputs.size(), operand.type()));
      types.add(operand.type());
      arrays.add(operand.concrete(primitive.name()));
    }
    int next = operands.length;
    List<Variable> outputs = new ArrayList<>(1);
    for (TensorType type : primitive.infer(types)) {
      outputs.add(new Variable(next++, type));
    }
    List<Equation> equations = List.of(new Equation(primitive, inputs, outputs, null));
    return List.copyOf(
        Backends.current().run(new Program(inputs, equations, outputs, next), arrays));
  }

  private List<Tensor> append(Primitive primitive, Tensor[] operands) {
    List<Variable> inputs = new ArrayList<>(operands.length);
    List<TensorType> types = new ArrayList<>(operands.length);
    for (Tensor operand : operands) {
      Variable input = lift(primitive.name(), operand);
      inputs.add(input);
      types.add(input.type());
    }
    StackTraceElement line = origin != null || !recordsOrigins ? origin : Origin.capture();
    List<TensorType> resultTypes = primitive.infer(types);
    List<Variable> outputs = new ArrayList<>(resultTypes.size());
    List<Tensor> results = new ArrayList<>(resultTypes.size());
    for (TensorType type : resultTypes) {
      Variable output = variable(type);
      outputs.add(output);
      results.add(new Tracer(this, output, line));
    }
    equations.add(new Equation(primitive, inputs, outputs, line));
    return results;
  }

  private List<Tensor> inline(Program program, List<Tensor> inputs) {
    Variable[] here = new Variable[program.variables()];
    for (int i = 0; i < inputs.size(); i++) {
      here[program.inputs().get(i).id()] = lift("apply", inputs.get(i));
    }
    for (Equation equation : program.equations()) {
      List<Variable> outputs = new ArrayList<>(equation.outputs().size());
      for (Variable output : equation.outputs()) {
        Variable mine = variable(output.type());
        here[output.id()] = mine;
        outputs.add(mine);
      }
      equations.add(
          new Equation(
              equation.primitive(), map(equation.inputs(), here), outputs, equation.origin()));
    }
    List<Tensor> results = new ArrayList<>(program.outputs().size());
    for (Variable output : program.outputs()) {
      results.add(new Tracer(this, here[output.id()], opened));
    }
    return results;
  }

  private static List<Variable> map(List<Variable> variables, Variable[] here) {
    List<Variable> mapped = new ArrayList<>(variables.size());
    for (Variable variable : variables) {
      mapped.add(here[variable.id()]);
    }
    return mapped;
  }

  /**
   * Returns the variable that stands for the tensor in this trace, capturing it if it is from
   * outside.
   */
  private Variable lift(String op, Tensor tensor) {
    if (tensor instanceof Tracer tracer) {
      if (tracer.writer() == this) {
        requireOwner(op, tracer);
        return tracer.variable();
      }
      requireEnclosing(op, tracer);
    }
    Variable known = capturedBy.get(tensor);
    if (known == null) {
      known = variable(tensor.type());
      capturedBy.put(tensor, known);
      captured.add(tensor);
      capturedVariables.add(known);
    }
    return known;
  }

  private void requireEnclosing(String op, Tracer tracer) {
    for (Trace t = parent; t != null; t = t.parent) {
      if (t == tracer.writer()) {
        requireOwner(op, tracer);
        return;
      }
    }
    throw escaped(op, tracer);
  }

  private static void requireOwner(String op, Tracer tracer) {
    if (!tracer.writer().open || tracer.writer().owner != Thread.currentThread()) {
      throw escaped(op, tracer);
    }
  }

  private static TracerException escaped(String op, Tracer tracer) {
    return new TracerException(
        ("%s: a tracer %s of %s escaped from its function; it was created at %s, and %s was called"
                + " at %s. Return the value from the function, do not store it in a field or hand it"
                + " to another thread.")
            .formatted(
                op,
                tracer.type(),
                tracer.writer().transform,
                Origin.print(tracer.origin()),
                tracer.writer().transform,
                Origin.print(tracer.writer().opened)));
  }

  private Traced finish(List<Tensor> results) {
    List<Variable> outputs = new ArrayList<>(results.size());
    for (Tensor result : results) {
      outputs.add(lift(transform, result));
    }
    List<Variable> inputs = new ArrayList<>(arguments);
    inputs.addAll(capturedVariables);
    return new Traced(new Program(inputs, equations, outputs, variables), List.copyOf(captured));
  }

  /** Evaluates a tracer of this trace from the values of the arguments, or says why it has none. */
  Array valueOf(String op, Tracer tracer) {
    if (!open || owner != Thread.currentThread()) {
      throw escaped(op, tracer);
    }
    Array known = evaluated.get(tracer.variable());
    if (known != null) {
      return known;
    }
    List<Variable> inputs = new ArrayList<>();
    List<Array> values = new ArrayList<>();
    List<Equation> prefix = prefixOf(op, tracer, inputs, values);
    Array value =
        prefix.isEmpty()
            ? values.getFirst()
            : Backends.current()
                .run(new Program(inputs, prefix, List.of(tracer.variable()), variables), values)
                .getFirst();
    evaluated.put(tracer.variable(), value);
    return value;
  }

  private List<Equation> prefixOf(
      String op, Tracer tracer, List<Variable> inputs, List<Array> values) {
    boolean[] needed = new boolean[variables];
    needed[tracer.variable().id()] = true;
    List<Equation> prefix = new ArrayList<>();
    for (Equation equation : equations.reversed()) {
      if (equation.outputs().stream().anyMatch(v -> needed[v.id()] && !evaluated.containsKey(v))) {
        prefix.add(equation);
        equation.inputs().forEach(v -> needed[v.id()] = true);
      }
    }
    evaluated.forEach((variable, value) -> {
      if (needed[variable.id()]) {
        inputs.add(variable);
        values.add(value);
      }
    });
    for (int i = 0; i < arguments.size(); i++) {
      if (needed[arguments.get(i).id()] && !evaluated.containsKey(arguments.get(i))) {
        inputs.add(arguments.get(i));
        values.add(argumentValue(op, i, tracer));
      }
    }
    for (int i = 0; i < captured.size(); i++) {
      if (needed[capturedVariables.get(i).id()]
          && !evaluated.containsKey(capturedVariables.get(i))) {
        inputs.add(capturedVariables.get(i));
        values.add(captured.get(i).concrete(op));
      }
    }
    return prefix.reversed();
  }

  private Array argumentValue(String op, int argument, Tracer asked) {
    if (argumentValues == null) {
      throw new TracerException(
          ("%s: %s has no single value under %s (called at %s): the function is traced once for all"
                  + " values; the tensor was created at %s. Choose by value with Tensor.where or"
                  + " Control.cond.")
              .formatted(
                  op, asked.type(), transform, Origin.print(opened), Origin.print(asked.origin())));
    }
    return argumentValues.get(argument).concrete(op);
  }

  @Override
  public String toString() {
    return "Trace(" + transform + ", " + Arrays.toString(equations.toArray()) + ")";
  }
}
