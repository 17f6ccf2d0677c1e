package dev.lockstep.program.primitive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Primitive;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.List;
import java.util.stream.Stream;

/** Every primitive on bf16 is the primitive on f32, rounded: the same bits. */
class Bf16Test {
  /** Of these, kernels that take bf16 may add up in another order. */
  private static boolean sums(Primitive primitive) {
    return primitive instanceof Contraction
        || primitive instanceof Convolution
        || primitive instanceof AttentionOp;
  }

  private static Stream<Sample> samples() {
    return Samples.all().stream()
        .filter(sample -> !(sample.primitive() instanceof LinearAlgebra))
        .filter(sample -> !(sample.primitive() instanceof ControlFlow))
        .filter(sample -> !(sample.primitive() instanceof Collective))
        .filter(sample -> sample.operands().stream().anyMatch(v -> v.type().dtype().isFloating()));
  }

  @BackendTest
  void isF32Rounded() {
    long compared =
        samples().peek(Bf16Test::compare).map(s -> s.primitive().getClass()).distinct().count();
    assertThat(compared).isGreaterThan(60);
  }

  private static void compare(Sample sample) {
    Primitive primitive = sample.primitive();
    List<Tensor> narrow = sample.tensors(3).stream().map(x -> as(DType.BF16, x)).toList();
    List<Tensor> wide = narrow.stream().map(x -> as(DType.F32, x)).toList();
    List<Tensor> got = Rule.applyAll(primitive, narrow);
    List<Tensor> want = Rule.applyAll(primitive, wide);
    assertThat(types(got)).as(sample.toString()).isEqualTo(primitive.infer(types(narrow)));
    for (int i = 0; i < got.size(); i++) {
      Tensor rounded = want.get(i).cast(got.get(i).dtype());
      double[] expected = rounded.cast(DType.F64).toDoubleArray();
      double[] actual = got.get(i).cast(DType.F64).toDoubleArray();
      if (sums(primitive)) {
        Closeness closeness = Closeness.of(primitive, got.get(i).dtype(), 100);
        for (int j = 0; j < actual.length; j++) {
          assertThat(closeness.accepts(actual[j], expected[j]))
              .as("%s: %s, %s", sample, actual[j], expected[j])
              .isTrue();
        }
      } else {
        assertThat(actual).as(sample.toString()).isEqualTo(expected);
      }
    }
  }

  private static Tensor as(DType dtype, Tensor x) {
    return x.dtype().isFloating() ? x.cast(dtype) : x;
  }

  private static List<TensorType> types(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::type).toList();
  }
}
