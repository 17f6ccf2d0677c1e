package dev.lockstep.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Program;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.BackendTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks Einstein sums against the methods that they stand for. */
class EinsumTest {
  @BackendTest
  void sumsStandForOtherMethods() {
    Tensor x = counted(2, 3);
    Tensor y = counted(3, 4);
    Tensor square = counted(3, 3);
    Tensor cube = counted(5, 2, 3);
    check("ij,jk->ik", x.matmul(y), x, y);
    check("ij,jk", x.matmul(y), x, y);
    check("ji", x.transpose(), x);
    check("ij->ji", x.transpose(), x);
    check("ij->", x.sum(), x);
    check("ij->j", x.sum(0), x);
    check("ii->i", square.diag(), square);
    check("ii", square.diag().sum(), square);
    check(
        "iij->ij", Tensor.stack(0, counted(3, 3, 2).get(0).get(0), at(1), at(2)), counted(3, 3, 2));
    check("i,j->ij", y.get(0).outer(y.get(1)), y.get(0), y.get(1));
    check("ij,ij->i", x.mul(x).sum(1), x, x);
    check("...i,...i->...", x.mul(x).sum(1), x, x);
    check("bij,jk->bik", cube.matmul(y), cube, y);
    check("...ij,jk->...ik", cube.matmul(y), cube, y);
    check("bij,jk,kl->bil", cube.matmul(y).matmul(counted(4, 2)), cube, y, counted(4, 2));
    check("ij,k->i", x.sum(1).mul(y.get(0).sum()), x, y.get(0));
    check("...,...->...", x.mul(y.get(0).get(1)), x, y.get(0).get(1));
    check("ij,ij->ij", x.mul(counted(2, 1)), x, counted(2, 1));
  }

  private static Tensor at(int i) {
    return counted(3, 3, 2).get(i).get(i);
  }

  @BackendTest
  void dtypesPromoteAndIntegersStay() {
    assertThat(Tensor.einsum("i,i->", Tensor.of(1, 2), Tensor.of(3, 4)).type())
        .hasToString("i32[]");
    assertThat(Tensor.einsum("i->", Tensor.of(1, 2)).type()).hasToString("i32[]");
    assertThat(Tensor.einsum("i,i", Tensor.of(1, 2), Tensor.of(0.5, 1)).item()).isEqualTo(2.5);
  }

  @BackendTest
  void labelsThatDoNotFitAreNamed() {
    Tensor x = counted(2, 3);
    assertThatThrownBy(() -> Tensor.einsum("ij,jk->ik", x, x))
        .isInstanceOf(ShapeException.class)
        .hasMessage("einsum: \"ij,jk->ik\": 'j' has extents 3 and 2 in [f64[2, 3], f64[2, 3]]");
    assertThatThrownBy(() -> Tensor.einsum("ij,jk->ik", x))
        .hasMessage("einsum: \"ij,jk->ik\": it has 2 operands, but 1 were given");
    assertThatThrownBy(() -> Tensor.einsum("ijk->i", x))
        .hasMessage("einsum: \"ijk->i\": \"ijk\" does not fit f64[2, 3]");
    assertThatThrownBy(() -> Tensor.einsum("ij->k", x))
        .hasMessage("einsum: \"ij->k\": 'k' of the result is not a label once");
    assertThatThrownBy(() -> Tensor.einsum("i1->i", x))
        .hasMessage("einsum: \"i1->i\": '1' is no label");
    assertThatThrownBy(() -> Tensor.einsum("i...->i", x))
        .hasMessage("einsum: \"i...->i\": the result needs \"...\"");
  }

  @BackendTest
  void severalOperandsGiveTheSameInAnyOrder() {
    Tensor x = counted(2, 3);
    Tensor y = counted(3, 4);
    Tensor z = counted(4);
    check("ij,jk,k->i", x.matmul(y.matmul(z)), x, y, z);
    check("k,ij,jk->i", x.matmul(y.matmul(z)), z, x, y);
    check("ij,jk,k,i->", x.matmul(y.matmul(z)).dot(counted(2)), x, y, z, counted(2));
    Tensor cube = z.outer(counted(3).outer(counted(2))).reshape(4, 3, 2);
    check("i,j,k->kji", cube, counted(2), counted(3), z);
    check("ij,ij,ij->j", x.mul(x).mul(x).sum(0), x, x, x);
  }

  @Test
  void theCheapestProductComesFirst() {
    List<TensorType> types =
        List.of(
            TensorType.of(DType.F64, 9, 8),
            TensorType.of(DType.F64, 8, 7),
            TensorType.of(DType.F64, 7));
    Program program =
        Trace.program(
            "test", types, x -> List.of(Tensor.einsum("ij,jk,k->i", x.toArray(Tensor[]::new))));
    assertThat(program.equations().stream().flatMap(equation -> equation.outputs().stream()))
        .extracting(output -> output.type().toString())
        .containsExactly("f64[8]", "f64[9]");
  }

  private static void check(String spec, Tensor want, Tensor... operands) {
    Tensor got = Tensor.einsum(spec, operands);
    assertThat(got.type()).as(spec).isEqualTo(want.type());
    assertThat(got.toNested()).as(spec).isEqualTo(want.toNested());
  }

  private static Tensor counted(long... extents) {
    return Tensor.arange(Shape.of(extents).size()).cast(DType.F64).reshape(extents);
  }
}
