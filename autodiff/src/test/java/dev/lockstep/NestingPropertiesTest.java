package dev.lockstep;

import static dev.lockstep.Lockstep.checkpoint;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.runtime.Backends;
import dev.lockstep.runtime.NativeBackend;
import dev.lockstep.runtime.ReferenceBackend;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random nestings of transforms over random expressions: native values equal the reference's, and
 * further transforms of the nesting have the properties they must have.
 */
class NestingPropertiesTest {
  private static final int NESTINGS = 150;
  private static final int OPS = 6;
  private static final int LARGEST = 600;

  static IntStream seeds() {
    return IntStream.range(0, NESTINGS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nativeEqualsReference(int seed) {
    Random random = new Random(seed);
    Nesting nesting = new Nesting(random);
    Tensor x = array(random, nesting.shape);

    Tensor expected = Backends.with(ReferenceBackend.INSTANCE, () -> nesting.function.apply(x));
    Tensor actual = Backends.with(NativeBackend.INSTANCE, () -> nesting.function.apply(x));

    assertClose(actual, expected, seed, nesting);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aBatchEqualsALoop(int seed) {
    Random random = new Random(seed);
    Nesting nesting = new Nesting(random);
    Tensor first = array(random, nesting.shape);
    Tensor second = array(random, nesting.shape);

    Tensor batched = vmap(nesting.function).apply(Tensor.stack(0, first, second));

    assertClose(batched.get(0), nesting.function.apply(first), seed, nesting);
    assertClose(batched.get(1), nesting.function.apply(second), seed, nesting);
  }

  /** ⟨Jv, u⟩ = ⟨v, Jᵀu⟩. */
  @ParameterizedTest
  @MethodSource("seeds")
  void forwardAndReverseModeAgree(int seed) {
    Random random = new Random(seed);
    Nesting nesting = new Nesting(random);
    Tensor x = array(random, nesting.shape);
    Tensor v = array(random, nesting.shape);

    Tensor pushed = jvp(nesting.function, x, v).tangent();
    Tensor u = array(random, pushed.shape());
    Tensor pulled = vjp(nesting.function, x).pullback().apply(u);

    assertClose(pushed.mul(u).sum(), v.mul(pulled).sum(), seed, nesting);
  }

  private static void assertClose(Tensor actual, Tensor expected, int seed, Nesting nesting) {
    assertThat(actual.type()).as("seed %d, %s", seed, nesting.names).isEqualTo(expected.type());
    double[] reference = expected.toDoubleArray();
    double[] values = actual.toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i])
          .as("element %d, seed %d, %s of %s", i, seed, nesting.names, nesting.shape)
          .isFinite()
          .isCloseTo(reference[i], Offset.offset(1e-8 * Math.max(1, Math.abs(reference[i]))));
    }
  }

  private static Tensor array(Random random, Shape shape) {
    return Tensor.of(random.doubles(shape.size(), -1.5, 1.5).toArray(), shape);
  }

  /**
   * A function of one tensor of {@code shape}, made by wrapping two to four transforms around a
   * random expression of the argument and up to two constants.
   */
  private static final class Nesting {
    final List<String> names = new ArrayList<>();
    Shape shape;
    Fn<Tensor, Tensor> function;

    Nesting(Random random) {
      shape = Shape.of(random.ints(random.nextInt(3), 1, 4).asLongStream().toArray());
      function = expression(random);
      int depth = 2 + random.nextInt(3);
      while (names.size() < depth) {
        wrap(random);
      }
    }

    /** Each draws its randomness now: the function must be the same whenever it is traced. */
    private Fn<Tensor, Tensor> expression(Random random) {
      int programSeed = random.nextInt();
      Tensor a = array(random, shape);
      Tensor b = array(random, Shape.of());
      Fn3<Tensor, Tensor, Tensor, Tensor> f =
          (x, y, z) -> grow(new ArrayList<>(List.of(x, y, z)), new Random(programSeed));
      return switch (random.nextInt(3)) {
        case 0 -> x -> f.apply(x, x, b);
        case 1 -> x -> f.apply(x, a, b);
        default -> x -> f.apply(x, x.sin(), b);
      };
    }

    private void wrap(Random random) {
      Fn<Tensor, Tensor> f = function;
      Fn<Tensor, Tensor> scalar = x -> f.apply(x).sum();
      Shape result =
          Lockstep.evalShape(f, Tensor.zeros(DType.F64, shape.extents())).getFirst().shape();
      boolean small = result.size() * shape.size() <= LARGEST;
      boolean tiny = result.size() <= LARGEST && shape.size() * shape.size() <= 100;
      int kind = random.nextInt(10);
      switch (kind) {
        case 0, 1 -> {
          int in = random.nextInt(shape.rank() + 1);
          int out = random.nextInt(result.rank() + 1);
          long size = 1 + random.nextInt(3);
          if (result.size() * size > LARGEST || shape.rank() > 3) {
            return;
          }
          shape = shape.insert(in, size);
          name("vmap(in %d, out %d, size %d)".formatted(in, out, size), vmap(f, in(in), out(out)));
        }
        case 2 -> name("grad of sum", grad(scalar));
        case 3 -> {
          Tensor direction = array(random, shape);
          name("jvp", x -> jvp(f, x, direction).tangent());
        }
        case 4 -> {
          Tensor ct = array(random, result);
          name("vjp", x -> vjp(f, x).pullback().apply(ct));
        }
        case 5 -> {
          if (small) {
            name("jacfwd", jacfwd(f));
          }
        }
        case 6 -> {
          if (small) {
            name("jacrev", jacrev(f));
          }
        }
        case 7 -> {
          if (tiny) {
            name("hessian of sum", hessian(scalar));
          }
        }
        case 8 -> name("jit", jit(f));
        default -> name("checkpoint", checkpoint(f));
      }
    }

    private void name(String name, Fn<Tensor, Tensor> wrapped) {
      names.add(name);
      function = wrapped;
    }
  }

  private static Tensor grow(List<Tensor> values, Random random) {
    int wanted = values.size() + OPS;
    while (values.size() < wanted) {
      Tensor grown = step(values, random);
      if (grown != null) {
        values.add(grown);
      }
    }
    return values.getLast().add(values.getFirst().sum());
  }

  private static Tensor step(List<Tensor> values, Random random) {
    Tensor x = values.get(random.nextInt(values.size()));
    Tensor y = values.get(random.nextInt(values.size()));
    int rank = x.rank();
    return switch (random.nextInt(20)) {
      case 0 -> x.sin();
      case 1 -> x.tanh();
      case 2 -> x.sigmoid();
      case 3 -> x.square().add(1).log();
      case 4 -> x.square().add(0.5).sqrt();
      case 5, 6 -> broadcastable(x, y) ? x.mul(y) : null;
      case 7 -> broadcastable(x, y) ? x.sub(y.cos()) : null;
      case 8 -> broadcastable(x, y) ? x.div(y.square().add(1)) : null;
      case 9 -> broadcastable(x, y) ? Tensor.where(x.greater(y), x, y.cos()) : null;
      case 10 -> broadcastable(x, y) ? x.maximum(y.sin()) : null;
      case 11 -> rank > 0 ? x.sum(random.nextInt(rank)) : x.mean();
      case 12 -> rank > 0 ? x.max(random.nextInt(rank)) : null;
      case 13 -> rank > 1 ? x.swapAxes(0, random.nextInt(rank)) : null;
      case 14 -> x.reshape(x.size());
      case 15 -> rank < 3 ? x.expandDims(random.nextInt(rank + 1)) : null;
      case 16 -> rank > 0 ? x.flip(random.nextInt(rank)) : null;
      case 17 -> rank > 0 && x.size() < 20 ? Tensor.concatenate(rank - 1, x, x.tanh()) : null;
      case 18 -> rank > 0 && rank < 3 ? x.dot(x.transpose()).tanh() : null;
      default -> rank > 0 ? x.cumSum(random.nextInt(rank)) : null;
    };
  }

  private static boolean broadcastable(Tensor x, Tensor y) {
    for (int i = 1; i <= Math.min(x.rank(), y.rank()); i++) {
      long m = x.shape().extent(x.rank() - i);
      long n = y.shape().extent(y.rank() - i);
      if (m != n && m != 1 && n != 1) {
        return false;
      }
    }
    return Math.max(x.size(), 1) * Math.max(y.size(), 1) < 1 << 10;
  }
}
