package dev.lockstep.autodiff;

import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.ControlFlow.Scan;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps a batch in chunks: a scan over all full ones, then what is left.
 *
 * @param batch how a full chunk is mapped
 * @param size the number of examples, more than one chunk
 */
record Chunks(Batch batch, long size) {
  private static final int FRONT = 0;

  /** Applies the program of one example. */
  List<Tensor> apply(Program example, List<Tensor> inputs) {
    return Trace.stagedAll(() -> place(run(example, toFront(inputs))));
  }

  private List<Tensor> toFront(List<Tensor> inputs) {
    List<Tensor> front = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      front.add(
          isMapped(i) ? Values.moveAxis(inputs.get(i), batch.in().get(i), FRONT) : inputs.get(i));
    }
    return front;
  }

  private boolean isMapped(int input) {
    return batch.in().get(input) != Batch.NONE;
  }

  /** Returns the results with the batch in front. */
  private List<Tensor> run(Program example, List<Tensor> inputs) {
    long chunk = batch.size();
    long count = size / chunk;
    long full = count * chunk;
    List<Tensor> stacked = scan(chunkOf(example, chunk), inputs, count);
    List<Tensor> rest =
        full == size
            ? List.of()
            : Trace.apply(chunkOf(example, size - full), slices(inputs, full, size));
    List<Tensor> results = new ArrayList<>(stacked.size());
    for (int i = 0; i < stacked.size(); i++) {
      Tensor y = stacked.get(i);
      if (batch.out().get(i) == Batch.NONE) {
        results.add(Values.reshape(Values.slice(y, FRONT, 0, 1, 1), y.shape().remove(FRONT)));
        continue;
      }
      Tensor joined = Values.reshape(y, y.shape().remove(FRONT).remove(FRONT).insert(FRONT, full));
      results.add(rest.isEmpty() ? joined : Tensor.concatenate(FRONT, joined, rest.get(i)));
    }
    return results;
  }

  /** Returns the program of so many examples, with the batch in front. */
  private Program chunkOf(Program example, long examples) {
    return new Batch(front(batch.in()), front(batch.out()), examples).cached(example).program();
  }

  private static List<Integer> front(List<Integer> axes) {
    return axes.stream().map(axis -> axis == Batch.NONE ? Batch.NONE : FRONT).toList();
  }

  private List<Tensor> slices(List<Tensor> inputs, long from, long to) {
    List<Tensor> slices = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      slices.add(isMapped(i) ? Values.slice(x, FRONT, from, to, 1) : x);
    }
    return slices;
  }

  private List<Tensor> scan(Program body, List<Tensor> inputs, long count) {
    long chunk = batch.size();
    List<Tensor> cut = slices(inputs, 0, count * chunk);
    List<Variable> constants = new ArrayList<>();
    List<Variable> chunks = new ArrayList<>();
    List<Tensor> same = new ArrayList<>();
    List<Tensor> stacks = new ArrayList<>();
    for (int i = 0; i < cut.size(); i++) {
      Tensor x = cut.get(i);
      if (isMapped(i)) {
        chunks.add(body.inputs().get(i));
        stacks.add(
            Values.reshape(x, x.shape().remove(FRONT).insert(FRONT, chunk).insert(FRONT, count)));
      } else {
        constants.add(body.inputs().get(i));
        same.add(x);
      }
    }
    Program step =
        new Program(
            SubProgram.join(constants, chunks), body.equations(), body.outputs(), body.variables());
    return Trace.bindAll(
        new Scan(step, count, false, constants.size(), 0),
        SubProgram.join(same, stacks).toArray(Tensor[]::new));
  }

  private List<Tensor> place(List<Tensor> results) {
    List<Tensor> placed = new ArrayList<>(results.size());
    for (int i = 0; i < results.size(); i++) {
      int axis = batch.out().get(i);
      placed.add(
          axis == Batch.NONE ? results.get(i) : Values.moveAxis(results.get(i), FRONT, axis));
    }
    return placed;
  }
}
