package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where {@link MemoryPlan} puts the values between steps. */
class MemoryPlanTest {
  private static final long KIB = 1024;

  /** Four products of 16 KiB matrices, each of what a loop made of the one before. */
  private static Program chain() {
    return program(
        t -> {
          Tensor x = t.getFirst();
          for (int i = 0; i < 4; i++) {
            x = x.matmul(x).tanh();
          }
          return List.of(x.sum());
        },
        f32(64, 64));
  }

  private static List<Step> lowered(Program program) {
    return Lowering.lower(Compiler.optimise(program), false).steps();
  }

  private static List<Slot> temporaries(List<Step> steps) {
    List<Slot> slots = new ArrayList<>();
    for (Step step : steps) {
      for (View view : step.writes()) {
        if (view.slot().kind == Slot.Kind.TEMPORARY && !slots.contains(view.slot())) {
          slots.add(view.slot());
        }
      }
    }
    return slots;
  }

  @Test
  void aProductIsComputedWhereItsEpilogueWrites() {
    List<Step> steps = lowered(chain());
    assertThat(MemoryPlan.assign(steps, true)).isEqualTo(2 * 16 * KIB);
    // The last tanh is reduced by a loop of its own.
    assertThat(temporaries(steps).stream().map(slot -> slot.offset / KIB))
        .containsExactly(0L, 16L, 0L, 16L);
  }

  /** The product is read after it, the sum ends with it. */
  @Test
  void anEpilogueWritesOverTheOperandThatEndsWithIt() {
    Program program =
        program(
            t -> {
              Tensor sums = t.getFirst().cumSum(1);
              Tensor product = t.getFirst().matmul(t.getFirst());
              Tensor both = product.add(sums).tanh();
              return List.of(both.matmul(product).sum());
            },
            f32(64, 64));
    List<Step> steps = lowered(program);
    assertThat(steps.get(1)).isInstanceOf(Step.Matmul.class);
    assertThat(MemoryPlan.assign(steps, true)).isEqualTo(3 * 16 * KIB);
    View sums = steps.get(0).writes().getFirst();
    View both = steps.get(1).writes().getLast();
    assertThat(both.slot().offset).isEqualTo(sums.slot().offset);
  }

  @Test
  void aLoopWritesOverTheOperandThatEndsWithIt() {
    Program program =
        program(
            t -> {
              Tensor x = t.getFirst();
              for (int i = 0; i < 4; i++) {
                x = x.cumSum(1).tanh();
              }
              return List.of(x.sum());
            },
            f32(64, 64));
    List<Step> steps = lowered(program);
    assertThat(MemoryPlan.assign(steps, true)).isEqualTo(2 * 16 * KIB);
    List<Slot> slots = temporaries(steps);
    // Running sums and the results of tanh in turn; the last tanh is reduced, not stored.
    assertThat(slots.stream().map(slot -> slot.offset / KIB))
        .containsExactly(0L, 0L, 16L, 16L, 0L, 0L, 16L);
  }

  @Test
  void anOperandThatIsReadAgainStays() {
    Program program =
        program(
            t -> {
              Tensor product = t.getFirst().matmul(t.getFirst());
              return List.of(product.tanh().matmul(product).sum());
            },
            f32(64, 64));
    assertThat(MemoryPlan.assign(lowered(program), true)).isEqualTo(3 * 16 * KIB);
  }

  @Test
  void anOperandReadInAnotherOrderStays() {
    Program program =
        program(
            t -> {
              Tensor product = t.getFirst().matmul(t.getFirst());
              return List.of(product.add(product.transpose()).matmul(t.getFirst()).sum());
            },
            f32(64, 64));
    assertThat(MemoryPlan.assign(lowered(program), true)).isEqualTo(2 * 16 * KIB);
  }

  @Test
  void whatEndsBeforeAnOutputBeginsStandsInIt() {
    Program program =
        program(
            t -> {
              Tensor x = t.getFirst();
              return List.of(x.matmul(x).tanh().matmul(x).matmul(x));
            },
            f32(64, 64));
    List<Step> steps = lowered(program);
    assertThat(MemoryPlan.assign(steps, true)).isEqualTo(16 * KIB);
    assertThat(temporaries(steps).stream().filter(slot -> slot.home != null)).isNotEmpty();
    assertThat(MemoryPlan.assign(lowered(program), false)).isEqualTo(2 * 16 * KIB);
  }

  private static List<Tensor> softmax(Tensor x) {
    Tensor exp = x.sub(x.max(1).expandDims(1)).exp();
    return List.of(exp.div(exp.sum(1).expandDims(1)));
  }

  /** They run block by block of rows: a row of the output is written when that of exp has ended. */
  @Test
  void rowsStandWhereLaterRowsOfTheSameLoopsDo() {
    List<Step> steps = lowered(program(t -> softmax(t.getFirst()), f32(1024, 512)));
    assertThat(RowLoops.find(steps)).hasSize(1);
    assertThat(RowLoops.find(steps).getFirst().rows()).containsExactly(1024);
    // The maxima and the sums.
    assertThat(MemoryPlan.assign(steps, true)).isEqualTo(2 * 4 * KIB);
    assertThat(temporaries(steps).stream().filter(slot -> slot.home != null)).hasSize(1);
  }

  @Test
  void rowsThatAreFewRunLoopByLoop() {
    List<Step> steps = lowered(program(t -> softmax(t.getFirst()), f32(16, 16)));
    assertThat(RowLoops.find(steps)).isEmpty();
    assertThat(MemoryPlan.assign(steps, true)).isEqualTo(KIB + 64);
  }

  /** The quotients are added up over rows by the loop that computes them. */
  @Test
  void columnsEndTheLoopsOverRows() {
    Program program =
        program(
            t -> {
              Tensor rows = softmax(t.getFirst()).getFirst();
              return List.of(rows.sub(rows.sum(0)));
            },
            f32(1024, 512));
    List<RowLoops> groups = RowLoops.find(lowered(program));
    assertThat(groups).hasSize(1);
    assertThat(groups.getFirst().end() - groups.getFirst().first()).isEqualTo(2);
  }

  @Test
  void rowsThatAreReadInAnotherOrderEndTheLoops() {
    Program program =
        program(
            t -> {
              Tensor rows = softmax(t.getFirst()).getFirst();
              return List.of(rows, rows.transpose().add(rows));
            },
            f32(1024, 1024));
    List<RowLoops> groups = RowLoops.find(lowered(program));
    assertThat(groups).hasSize(1);
    assertThat(groups.getFirst().end()).isEqualTo(3);
  }
}
