package dev.lockstep.program.primitive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.primitive.Placed.Diagonal;
import dev.lockstep.program.primitive.Placed.Embed;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.TensorType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AffineMapTest {
  @Test
  void prints() {
    AffineMap map =
        AffineMap.of(new long[] {0, 2, -1, 0}, new long[][] {{3, 1}, {0, 0}, {0, 1}, {-2, 0}});
    assertThat(map).hasToString("(3*d0+d1, 2, d1-1, -2*d0)");
  }

  @Test
  void twoAxesMixedIntoOneMustBeDigits() {
    AffineMap digits = AffineMap.of(new long[1], new long[][] {{3, 1}});
    assertThat(digits.isInjective(Shape.of(2, 3))).isTrue();
    assertThat(digits.isInjective(Shape.of(2, 4))).isFalse();
    assertThat(digits.isInjective(Shape.of(1, 4))).isTrue();
    assertThat(digits.isInjective(Shape.of(0, 4))).isTrue();
  }

  @Test
  void placesMustLieWithin() {
    assertThat(AffineMap.diagonal().fits(Shape.of(3), Shape.of(3, 4))).isTrue();
    assertThat(AffineMap.diagonal().fits(Shape.of(4), Shape.of(3, 4))).isFalse();
    assertThat(AffineMap.diagonal().fits(Shape.of(3), Shape.of(3))).isFalse();
    assertThat(AffineMap.diagonal().fits(Shape.of(3, 1), Shape.of(3, 3))).isFalse();
  }

  /** Against going through all indices. */
  @Test
  void randomMapsAreInverted() {
    Random random = new Random(7);
    int injective = 0;
    for (int i = 0; i < 2000; i++) {
      Shape small = Shape.of(1 + random.nextInt(3), 1 + random.nextInt(3));
      long[][] strides = new long[2][];
      for (int row = 0; row < 2; row++) {
        strides[row] = new long[] {random.nextInt(9) - 4, random.nextInt(5) - 2};
      }
      AffineMap map = AffineMap.of(new long[] {random.nextInt(3), random.nextInt(3)}, strides);
      Set<List<Long>> places = new HashSet<>();
      for (long[] index : indices(small)) {
        places.add(Arrays.stream(map.at(index)).boxed().toList());
      }
      if (map.isInjective(small)) {
        injective++;
        assertThat(places).hasSize((int) small.size());
        for (long[] index : indices(small)) {
          assertThat(map.invert(small, map.at(index))).isEqualTo(index);
        }
        for (long[] place : new long[][] {{0, 0}, {1, 2}, {3, 1}, {-2, 5}}) {
          boolean taken = places.contains(Arrays.stream(place).boxed().toList());
          assertThat(map.invert(small, place) != null).isEqualTo(taken);
        }
      }
    }
    assertThat(injective).isGreaterThan(500);
  }

  private static List<long[]> indices(Shape shape) {
    return LongStream.range(0, shape.extent(0))
        .boxed()
        .flatMap(i -> LongStream.range(0, shape.extent(1)).mapToObj(j -> new long[] {i, j}))
        .toList();
  }

  @Test
  void errorsNameOperandsPlacesAndShape() {
    TensorType three = TensorType.of(DType.F32, 3);
    Embed tooSmall = new Embed(Shape.of(2, 2), AffineMap.diagonal());
    assertThatThrownBy(() -> tooSmall.infer(List.of(three)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("embed: operands [f32[3]] at places [(d0, d0)] do not fit [2, 2]");
    Diagonal outside = new Diagonal(Shape.of(4), AffineMap.diagonal());
    assertThatThrownBy(() -> outside.infer(List.of(TensorType.of(DType.F32, 3, 3))))
        .isInstanceOf(ShapeException.class)
        .hasMessage("diagonal: f32[3, 3] at places (d0, d0) does not fit [4]");
  }
}
