package dev.lockstep.bench;

import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.valueAndGrad;

import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;

/**
 * From the first call of a new {@code jit} to its first result, for {@link MlpGrad}: trace,
 * transforms, compiler, native plan and one run. The caches of plans and of transformed programs
 * hold nothing, else only the first call would compile.
 */
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--add-modules=jdk.incubator.vector",
      "-Xmx2g",
      "-Dlockstep.plans=0",
      "-Dlockstep.transforms=0"
    })
public class Compile extends Workload {
  private final Perceptron parameters = Perceptron.create();
  private final Tensor x = Perceptron.images();
  private final Tensor y = Perceptron.targets();

  @Benchmark
  public void lockstep() {
    Fn3<Perceptron, Tensor, Tensor, ?> step = jit(valueAndGrad(Perceptron::loss));
    closing(() -> step.apply(parameters, x, y));
  }
}
