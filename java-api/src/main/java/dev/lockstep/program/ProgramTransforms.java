package dev.lockstep.program;

import java.util.List;
import java.util.ServiceLoader;

/**
 * The transforms of programs that the rules of primitives with sub-programs are made of. The module
 * that holds the transforms provides them as a service, since it stands above this one.
 */
public interface ProgramTransforms {
  /** Returns the transforms of this installation. */
  static ProgramTransforms get() {
    return Holder.INSTANCE;
  }

  /**
   * A program over a batch.
   *
   * @param mapped whether each output has the batch as axis 0
   */
  record BatchedProgram(Program program, boolean[] mapped) {}

  /**
   * Returns the program over a batch of {@code size} examples along axis 0.
   *
   * @param mapped whether each input has the batch as axis 0
   * @param force whether each output is to have it, even if it is the same for all examples
   */
  BatchedProgram batch(Program program, long size, boolean[] mapped, boolean[] force);

  /**
   * A program with tangents beside its primals.
   *
   * @param program takes the primals, then a tangent for each chosen input; gives the primal
   *     outputs, then the tangents of {@code outputs}
   * @param outputs the outputs whose tangents are not zero, ascending
   */
  record PushedProgram(Program program, List<Integer> outputs) {}

  /** Returns the program with tangents of the chosen inputs pushed forward. */
  PushedProgram push(Program program, List<Integer> inputs);

  /**
   * A program in two parts.
   *
   * @param known takes the inputs; gives the outputs, then the residuals
   * @param linear takes the residuals, then a tangent for each chosen input; gives the tangents of
   *     {@code outputs}
   * @param residuals how many there are
   * @param outputs the outputs whose tangents are not zero, ascending
   */
  record LinearizedProgram(Program known, Program linear, int residuals, List<Integer> outputs) {}

  /** Returns the program split into what does not depend on tangents and what is linear in them. */
  LinearizedProgram linearize(Program program, List<Integer> inputs);

  /**
   * Returns the linear program run backwards.
   *
   * @param residuals how many of its inputs, the first ones, are known
   * @return takes the residuals, then a cotangent an output; gives a cotangent an unknown input
   */
  Program transpose(Program linear, int residuals);

  /** Finds the service once. */
  final class Holder {
    private static final ProgramTransforms INSTANCE =
        ServiceLoader.load(ProgramTransforms.class, ProgramTransforms.class.getClassLoader())
            .findFirst()
            .orElseThrow(() ->
                new IllegalStateException(
                    "no transforms found: add the dependency dev.lockstep:lockstep"));

    private Holder() {}
  }
}
