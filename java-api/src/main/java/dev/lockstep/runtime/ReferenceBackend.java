package dev.lockstep.runtime;

import dev.lockstep.compiler.Widening;
import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.AttentionOp;
import dev.lockstep.program.primitive.Collective;
import dev.lockstep.program.primitive.Contraction;
import dev.lockstep.program.primitive.ControlFlow;
import dev.lockstep.program.primitive.Convolution;
import dev.lockstep.program.primitive.Cumulative;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Indexing;
import dev.lockstep.program.primitive.LinearAlgebra;
import dev.lockstep.program.primitive.Ordering;
import dev.lockstep.program.primitive.RandomBits;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.program.primitive.Structural;
import dev.lockstep.program.primitive.Windowed;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * Runs programs in plain Java, one equation and one element at a time: the oracle that the native
 * backend is tested against. What an op gives for its elements stands in the op's record.
 */
public final class ReferenceBackend implements Backend {
  /** The only instance. */
  public static final ReferenceBackend INSTANCE = new ReferenceBackend();

  private ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Executable compile(Program program) {
    return inputs -> evaluate(program, inputs);
  }

  private static List<Array> evaluate(Program program, List<Array> inputs) {
    List<HostArray> values = inputs.stream().map(HostArray::of).toList();
    return interpret(program, values).stream().map(HostArray::toArray).toList();
  }

  /** Runs a program on values in Java memory. */
  static List<HostArray> interpret(Program given, List<HostArray> inputs) {
    Program program = Widening.applyToAll(given);
    HostArray[] values = new HostArray[program.variables()];
    for (int i = 0; i < inputs.size(); i++) {
      values[program.inputs().get(i).id()] = inputs.get(i);
    }
    for (Equation equation : program.equations()) {
      List<HostArray> operands = get(equation.inputs(), values);
      List<HostArray> results = evaluate(equation, operands);
      for (int i = 0; i < results.size(); i++) {
        values[equation.outputs().get(i).id()] = results.get(i);
      }
    }
    return get(program.outputs(), values);
  }

  private static List<HostArray> get(List<Variable> variables, HostArray[] values) {
    return variables.stream().map(variable -> values[variable.id()]).toList();
  }

  private static List<HostArray> evaluate(Equation equation, List<HostArray> operands) {
    TensorType type = equation.outputs().getFirst().type();
    return switch (equation.primitive()) {
      case Elementwise op -> List.of(ReferenceElementwise.apply(op, operands, type));
      case Reduction op -> List.of(reduce(op, operands.getFirst(), type));
      case Structural.Rearrangement op -> List.of(rearrange(op, operands, type));
      case Structural.Constant op -> List.of(constant(op, type));
      case Contraction.DotGeneral op -> List.of(ReferenceContraction.apply(op, operands, type));
      case Indexing op -> List.of(ReferenceIndexing.apply(op, operands, type));
      case Ordering.Sort op -> ReferenceRows.sort(op, operands.getFirst());
      case Cumulative op -> List.of(ReferenceRows.accumulate(op, operands.getFirst()));
      case RandomBits.Threefry op -> List.of(ReferenceRandom.apply(op, operands, type));
      case LinearAlgebra op -> ReferenceLinearAlgebra.apply(op, operands, equation.outputs());
      case AttentionOp op -> {
        List<TensorType> types = operands.stream().map(HostArray::type).toList();
        yield interpret(op.definition(types), operands);
      }
      case Convolution.ConvGeneral op -> List.of(ReferenceConvolution.apply(op, operands, type));
      case Windowed op -> List.of(ReferenceWindows.apply(op, operands.getFirst(), type));
      case Collective op -> throw op.unresolved();
      case ControlFlow op -> ReferenceControlFlow.apply(op, operands, equation.outputs());
    };
  }

  private static HostArray reduce(Reduction op, HostArray x, TensorType type) {
    boolean floating = type.dtype().isFloating();
    HostArray result = new HostArray(type);
    double[] totals = new double[result.size()];
    long[] wholeTotals = new long[result.size()];
    Arrays.fill(totals, op.identity());
    Arrays.fill(wholeTotals, op.identity(type.dtype()));
    for (int i = 0; i < x.size(); i++) {
      int to = result.position(without(x.index(i), op.axes()));
      if (floating) {
        totals[to] = op.reference(totals[to], x.floating(i));
      } else {
        wholeTotals[to] = op.reference(wholeTotals[to], x.whole(i));
      }
    }
    for (int i = 0; i < result.size(); i++) {
      if (floating) {
        result.set(i, totals[i]);
      } else {
        result.set(i, wholeTotals[i]);
      }
    }
    return result;
  }

  private static long[] without(long[] index, List<Integer> axes) {
    long[] kept = new long[index.length - axes.size()];
    int next = 0;
    for (int axis = 0; axis < index.length; axis++) {
      if (!axes.contains(axis)) {
        kept[next++] = index[axis];
      }
    }
    return kept;
  }

  private static HostArray rearrange(
      Structural.Rearrangement op, List<HostArray> operands, TensorType type) {
    List<Shape> shapes = operands.stream().map(operand -> operand.type().shape()).toList();
    HostArray result = new HostArray(type);
    for (int i = 0; i < result.size(); i++) {
      Structural.Source source = op.source(shapes, result.index(i));
      if (source != null) {
        HostArray from = operands.get(source.operand());
        result.copy(i, from, from.position(source.index()));
      }
    }
    return result;
  }

  private static HostArray constant(Structural.Constant op, TensorType type) {
    HostArray result = new HostArray(type);
    for (int i = 0; i < result.size(); i++) {
      Number element = op.element(result.index(i));
      if (type.dtype().isFloating()) {
        result.set(i, element.doubleValue());
      } else {
        result.set(i, element.longValue());
      }
    }
    return result;
  }
}
