package dev.lockstep.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * The arguments of one run of a plan, in native memory: the inputs' addresses, the outputs', and
 * room for one inline scalar an input. A frame belongs to one thread at a time, from {@link
 * PlanHandle#frame} to {@link PlanHandle#release}.
 */
public final class Frame {
  private final PlanHandle plan;
  private final long planAddress;
  private final int inputCount;
  private final int outputCount;
  private final long inputs;
  private final long outputs;
  private final long scalars;

  /** True from {@link PlanHandle#frame} to {@link PlanHandle#release}. */
  boolean inUse;

  Frame(PlanHandle plan, long planAddress, int inputCount, int outputCount) {
    this.plan = plan;
    this.planAddress = planAddress;
    this.inputCount = inputCount;
    this.outputCount = outputCount;
    inputs = Native.allocate(bytes());
    outputs = inputs + 8L * inputCount;
    scalars = outputs + 8L * outputCount;
    clear();
  }

  /** A frame of no plan, for comparison only. */
  Frame() {
    plan = null;
    planAddress = 0;
    inputCount = 0;
    outputCount = 0;
    inputs = 0;
    outputs = 0;
    scalars = 0;
  }

  /** Sets input {@code i} to the memory at {@code address}. */
  public void input(int i, long address) {
    Memory.set(inputs + 8L * Objects.checkIndex(i, inputCount), address);
  }

  /** Sets input {@code i} to a scalar whose bit pattern is in the low bytes of {@code bits}. */
  public void inlineInput(int i, long bits) {
    long scalar = scalars + 8L * Objects.checkIndex(i, inputCount);
    Memory.set(scalar, bits);
    Memory.set(inputs + 8L * i, scalar);
  }

  /** Gives output {@code j} memory to be written to; without it the run allocates the output. */
  public void outputInto(int j, long address) {
    Memory.set(outputs + 8L * Objects.checkIndex(j, outputCount), address);
  }

  /** Runs the plan. Every input must be set. */
  public void run() {
    Status.check(RunCall.run(planAddress, inputs, outputs));
  }

  /** The address of output {@code j} after a run; the caller owns what the run allocated. */
  public long output(int j) {
    return Memory.get(outputs + 8L * Objects.checkIndex(j, outputCount));
  }

  PlanHandle plan() {
    return plan;
  }

  /** Forgets all addresses, so that the next run allocates its outputs and lacks its inputs. */
  void clear() {
    for (long address = inputs; address < scalars; address += 8) {
      Memory.set(address, 0);
    }
  }

  void free() {
    Native.free(inputs, bytes());
  }

  private long bytes() {
    return 8L * (2L * inputCount + outputCount);
  }

  /** The call of every run: addresses as longs save what wrapping them in segments costs. */
  private static final class RunCall {
    @SuppressWarnings("restricted")
    private static final MethodHandle HANDLE =
        Linker.nativeLinker()
            .downcallHandle(
                NativeLibrary.symbols().findOrThrow("ls_plan_run"),
                FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    static int run(long plan, long inputs, long outputs) {
      try {
        return (int) HANDLE.invokeExact(plan, inputs, outputs);
      } catch (Throwable e) {
        throw new AssertionError("a downcall throws nothing", e);
      }
    }
  }
}
