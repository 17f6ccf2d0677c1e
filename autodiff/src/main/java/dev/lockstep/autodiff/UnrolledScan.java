package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** A scan with several steps written out as one, and one for the steps that are left over. */
final class UnrolledScan {
  private final Scan scan;
  private final int carries;

  private UnrolledScan(Scan scan) {
    this.scan = scan;
    this.carries = scan.carries();
  }

  static List<Tensor> apply(Scan scan, int steps, List<Tensor> inputs) {
    int together = (int) Math.max(1, Math.min(steps, scan.length()));
    return new UnrolledScan(scan).run(together, inputs);
  }

  private List<Tensor> run(int steps, List<Tensor> inputs) {
    int firstX = scan.constants() + carries;
    List<Tensor> constants = inputs.subList(0, scan.constants());
    List<Tensor> carry = inputs.subList(scan.constants(), firstX);
    List<Tensor> xs = inputs.subList(firstX, inputs.size());
    long rest = scan.length() % steps;
    long most = scan.length() - rest;
    // What is left over stands at the end that is reached last.
    long start = scan.reverse() ? rest : 0;
    List<Tensor> blocks = new ArrayList<>();
    List<Tensor> left = new ArrayList<>();
    for (Tensor x : xs) {
      Tensor block = Values.slice(x, 0, start, start + most, 1);
      blocks.add(Values.reshape(block, split(x.shape(), steps, most)));
      left.add(
          Values.slice(x, 0, scan.reverse() ? 0 : most, scan.reverse() ? rest : most + rest, 1));
    }
    Scan unrolled =
        new Scan(several(steps), most / steps, scan.reverse(), scan.constants(), carries);
    List<Tensor> first = bind(unrolled, constants, carry, blocks);
    List<Tensor> results = new ArrayList<>(first.subList(0, carries));
    for (Tensor y : first.subList(carries, first.size())) {
      Shape shape = y.shape().remove(0).remove(0).insert(0, most);
      results.add(Values.reshape(y, shape));
    }
    if (rest == 0) {
      return results;
    }
    Scan remaining = new Scan(scan.body(), rest, scan.reverse(), scan.constants(), carries);
    List<Tensor> last = bind(remaining, constants, results.subList(0, carries), left);
    List<Tensor> all = new ArrayList<>(last.subList(0, carries));
    for (int i = carries; i < results.size(); i++) {
      all.add(
          scan.reverse()
              ? Tensor.concatenate(0, last.get(i), results.get(i))
              : Tensor.concatenate(0, results.get(i), last.get(i)));
    }
    return all;
  }

  private static Shape split(Shape shape, int steps, long most) {
    return shape.remove(0).insert(0, steps).insert(0, most / steps);
  }

  private static List<Tensor> bind(
      Scan scan, List<Tensor> constants, List<Tensor> carry, List<Tensor> xs) {
    return Trace.bindAll(scan, SubProgram.join(constants, carry, xs).toArray(Tensor[]::new));
  }

  /** Returns the body's steps as one, from xs with a leading axis of that many to ys with it. */
  private Program several(int steps) {
    int firstX = scan.constants() + carries;
    List<TensorType> types = Programs.types(scan.body().inputs());
    for (int i = firstX; i < types.size(); i++) {
      types.set(i, types.get(i).with(types.get(i).shape().insert(0, steps)));
    }
    return Trace.program("scan", types, inputs -> steps(steps, inputs, firstX));
  }

  private List<Tensor> steps(int steps, List<Tensor> inputs, int firstX) {
    List<Tensor> constants = inputs.subList(0, scan.constants());
    List<Tensor> carry = inputs.subList(scan.constants(), firstX);
    int ys = scan.body().outputs().size() - carries;
    Tensor[][] stacks = new Tensor[ys][steps];
    for (int step = 0; step < steps; step++) {
      int t = scan.reverse() ? steps - 1 - step : step;
      List<Tensor> xs =
          inputs.subList(firstX, inputs.size()).stream()
              .map(x -> Values.reshape(Values.slice(x, 0, t, t + 1, 1), x.shape().remove(0)))
              .toList();
      List<Tensor> outputs = Trace.apply(scan.body(), SubProgram.join(constants, carry, xs));
      carry = outputs.subList(0, carries);
      for (int i = 0; i < ys; i++) {
        stacks[i][t] = outputs.get(carries + i);
      }
    }
    List<Tensor> results = new ArrayList<>(carry);
    for (Tensor[] stack : stacks) {
      results.add(Tensor.stack(0, stack));
    }
    return results;
  }
}
