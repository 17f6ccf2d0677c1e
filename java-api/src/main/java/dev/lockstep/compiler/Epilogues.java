package dev.lockstep.compiler;

import dev.lockstep.compiler.Lowering.Planned;
import dev.lockstep.compiler.Lowering.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Makes elementwise loops over the result of a product or convolution part of it: each part of the
 * result is worked on while it is in a cache. A loop becomes the epilogue of the largest product
 * that it may follow at once; the others that it reads are computed before.
 */
final class Epilogues {
  /** As many as the native core can run on a part. */
  private static final int MOST_VALUES = 64;

  /** Those that have become part of another step are null. */
  private final Planned[] planned;

  private final Map<Slot, List<Integer>> resultsIn = new HashMap<>();
  private final Map<Slot, Integer> readers = new HashMap<>();

  private Epilogues(List<Planned> planned) {
    this.planned = planned.toArray(Planned[]::new);
    for (int i = 0; i < this.planned.length; i++) {
      Step step = this.planned[i].step();
      step.reads().stream()
          .map(View::slot)
          .distinct()
          .forEach(s -> readers.merge(s, 1, Integer::sum));
      View result = resultOf(step);
      if (result != null) {
        resultsIn.computeIfAbsent(result.slot(), _ -> new ArrayList<>()).add(i);
      }
    }
  }

  /** Returns the steps with loops fused into products, in an order that keeps every value. */
  static List<Planned> fuse(List<Planned> planned) {
    Epilogues epilogues = new Epilogues(planned);
    for (int i = 0; i < planned.size(); i++) {
      if (planned.get(i).step() instanceof Step.Loop loop && mayBeEpilogue(loop)) {
        epilogues.fuse(loop, i);
      }
    }
    return Stream.of(epilogues.planned).filter(Objects::nonNull).toList();
  }

  /** Returns what a step reads: its operands and those of its epilogue but for its own result. */
  static List<View> reads(List<View> operands, View result, Step.Loop epilogue) {
    if (epilogue == null) {
      return operands;
    }
    List<View> reads = new ArrayList<>(operands);
    epilogue.inputs().stream().filter(input -> input.slot() != result.slot()).forEach(reads::add);
    return reads;
  }

  /** Returns what a step writes, its result once if the epilogue writes over it. */
  static List<View> writes(View result, Step.Loop epilogue) {
    if (epilogue == null) {
      return List.of(result);
    }
    List<View> writes = new ArrayList<>(epilogue.writes());
    if (writes.stream().noneMatch(write -> write.slot() == result.slot())) {
      writes.addFirst(result);
    }
    return writes;
  }

  private static boolean mayBeEpilogue(Step.Loop loop) {
    return loop.reduceRank() == 0
        && loop.inputs().size() + loop.instructions().size() + loop.results().size() <= MOST_VALUES
        && Arrays.stream(loop.extents()).allMatch(extent -> extent > 0)
        && loop.inputs().stream().noneMatch(input -> input.slot() == Slot.INDEX);
  }

  private void fuse(Step.Loop loop, int position) {
    loop.inputs().stream()
        .map(View::slot)
        .distinct()
        .flatMap(slot -> resultsIn.getOrDefault(slot, List.of()).stream())
        .filter(product -> product < position && planned[product] != null)
        .sorted(
            Comparator.<Integer>comparingLong(i -> planned[i].step().operations())
                .thenComparing(Comparator.naturalOrder())
                .reversed())
        .anyMatch(product -> fuse(loop, position, product));
  }

  /** Returns what a step that has no epilogue, and may have one, computes, else null. */
  private static View resultOf(Step step) {
    return switch (step) {
      case Step.Matmul matmul when matmul.epilogue() == null -> matmul.c().view();
      case Step.Convolve conv
          when conv.kind() == Step.Convolve.Kind.FORWARD && conv.epilogue() == null ->
          conv.y();
      default -> null;
    };
  }

  private boolean fuse(Step.Loop loop, int position, int product) {
    Step step = planned[product].step();
    View result = resultOf(step);
    if (result == null) {
      return false;
    }
    boolean early = mayRunAt(product, loop, position, result);
    if (!early && !mayWait(product, position, step.reads(), result)) {
      return false;
    }
    boolean free = isReadHereAlone(result);
    Step fused =
        switch (step) {
          case Step.Matmul matmul -> new ProductEpilogue(matmul, loop, free).fuse();
          case Step.Convolve conv -> ConvolutionEpilogue.fuse(conv, loop, free);
          default -> throw new IllegalStateException("not a product: " + step);
        };
    if (fused == null) {
      return false;
    }
    Reason reason = reason(planned[product].reason(), planned[position].reason());
    planned[early ? product : position] = new Planned(fused, reason);
    planned[early ? position : product] = null;
    if (!early) {
      resultsIn.get(result.slot()).remove((Integer) product);
    }
    return true;
  }

  private static Reason reason(Reason product, Reason loop) {
    List<String> computes = new ArrayList<>(product.computes());
    computes.addAll(loop.computes());
    return new Reason(
        computes,
        "%s; + epilogue (%s) on each part of the result while that is in a cache"
            .formatted(product.why(), String.join(", ", loop.computes())));
  }

  private boolean isReadHereAlone(View result) {
    Slot slot = result.slot();
    return slot.kind == Slot.Kind.TEMPORARY
        && readers.get(slot) == 1
        && result.distinctBytes() == slot.bytes;
  }

  /** Returns whether all else that the loop reads exists before the product runs. */
  private boolean mayRunAt(int product, Step.Loop loop, int position, View result) {
    List<View> others = new ArrayList<>(loop.inputs());
    others.removeIf(input -> input.slot() == result.slot());
    return between(product, position)
        .noneMatch(step ->
            meet(step.writes(), others)
                || meet(step.writes(), loop.writes())
                || meet(step.reads(), loop.writes()));
  }

  /** Returns whether nothing needs the product before the loop runs. */
  private boolean mayWait(int product, int position, List<View> operands, View result) {
    return between(product, position)
        .noneMatch(step ->
            meet(step.writes(), operands)
                || meet(step.writes(), List.of(result))
                || meet(step.reads(), List.of(result)));
  }

  private Stream<Step> between(int product, int position) {
    return Arrays.stream(planned, product + 1, position)
        .filter(Objects::nonNull)
        .map(Planned::step);
  }

  private static boolean meet(List<View> views, List<View> others) {
    return views.stream().anyMatch(view -> others.stream().anyMatch(view::meets));
  }
}
