package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.Contraction.DotGeneral;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes contractions with a scalar elementwise products: the transpose of a dot product multiplies
 * with the cotangent so, and where that is 1 nothing is left.
 */
final class ScalarProducts {
  private ScalarProducts() {}

  static Program apply(Program program) {
    if (program.equations().stream().noneMatch(ScalarProducts::hasScalar)) {
      return program;
    }
    Rewriter rewriter = new Rewriter(program);
    for (Equation equation : program.equations()) {
      List<Variable> inputs = rewriter.inputs(equation);
      if (!hasScalar(equation)) {
        rewriter.keep(equation, inputs);
        continue;
      }
      Shape shape = equation.outputs().getFirst().type().shape();
      Emitter emitter = new Emitter(rewriter, equation);
      Variable left = emitter.repeat(inputs.get(0), shape, axes(inputs.get(0)));
      Variable right = emitter.repeat(inputs.get(1), shape, axes(inputs.get(1)));
      rewriter.compute(equation, new BinaryArithmetic.Mul(), List.of(left, right));
    }
    return rewriter.finish();
  }

  private static boolean hasScalar(Equation equation) {
    return equation.primitive() instanceof DotGeneral
        && equation.outputs().getFirst().type().dtype() != DType.BOOL
        && equation.inputs().stream().anyMatch(input -> input.type().shape().rank() == 0);
  }

  private static List<Integer> axes(Variable variable) {
    return IntStream.range(0, variable.type().shape().rank()).boxed().toList();
  }
}
