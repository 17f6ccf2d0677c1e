package dev.lockstep;

import dev.lockstep.autodiff.NamedAxes;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Collective;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.Tree;

/**
 * Ops on all examples of a batch together, inside of a function over one example, to be imported
 * with {@code import static dev.lockstep.Collectives.*}. They say by name which {@link
 * Lockstep#vmap} they mean; of several with one name, the innermost.
 *
 * <pre>{@code
 * vmap(x -> x.div(psum(x, "batch")), in(0).named("batch"))
 * }</pre>
 *
 * <p>Trees are combined tensor by tensor. In reverse mode inside of the function, an example's
 * cotangent counts the results of all examples, as if the whole batch were differentiated.
 *
 * <p>All throw {@link dev.lockstep.error.AxisException} if no vmap around the call has the name.
 */
public final class Collectives {
  private Collectives() {}

  /** Returns the sum over the examples; of bools how many are true, {@code i64}. */
  public static <T> T psum(T tree, String axis) {
    Collective op = new Collective.Psum(axis, NamedAxes.size("psum", axis));
    return Tree.map(tree, x -> Trace.bind(op, x.dtype() == DType.BOOL ? x.cast(DType.I64) : x));
  }

  /** Returns the mean over the examples; of integers {@code f64}. */
  public static <T> T pmean(T tree, String axis) {
    double size = NamedAxes.size("pmean", axis);
    return Tree.map(psum(tree, axis), x -> x.div(size));
  }

  /** Returns the largest of the examples, element by element; NaN if one is. */
  public static <T> T pmax(T tree, String axis) {
    Collective op = new Collective.Pmax(axis, NamedAxes.size("pmax", axis));
    return Tree.map(tree, x -> Trace.bind(op, x));
  }

  /** Returns the smallest of the examples, element by element; NaN if one is. */
  public static <T> T pmin(T tree, String axis) {
    Collective op = new Collective.Pmin(axis, NamedAxes.size("pmin", axis));
    return Tree.map(tree, x -> Trace.bind(op, x));
  }

  /** Returns all examples, stacked along a new axis 0. */
  public static <T> T allGather(T tree, String axis) {
    Collective op = new Collective.AllGather(axis, NamedAxes.size("allGather", axis));
    return Tree.map(tree, x -> Trace.bind(op, x));
  }

  /**
   * Returns, of the sum over the examples, the element along axis 0 with this example's number.
   *
   * @param tree axis 0 of its tensors has an element for each example
   */
  public static <T> T psumScatter(T tree, String axis) {
    Collective op = new Collective.PsumScatter(axis, NamedAxes.size("psumScatter", axis));
    return Tree.map(tree, x -> Trace.bind(op, x));
  }

  /** Returns the number of the example, {@code i32[]}. */
  public static Tensor axisIndex(String axis) {
    return Trace.bind(new Collective.AxisIndex(axis, NamedAxes.size("axisIndex", axis)));
  }
}
