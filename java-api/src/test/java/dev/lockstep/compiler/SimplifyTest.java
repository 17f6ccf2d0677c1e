package dev.lockstep.compiler;

import static dev.lockstep.compiler.Written.f32;
import static dev.lockstep.compiler.Written.program;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.program.Program;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@link Simplify} makes of small programs. */
class SimplifyTest {
  @Test
  void identitiesGo() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.add(0.0).mul(1.0).neg().neg().sub(0.0).div(1.0));
            },
            f32(3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[3] ->
              b:f32[] = full[type=f32[] value=0.0]
              e:f32[] = full[type=f32[] value=1.0]
              j:f32[] = full[type=f32[] value=0.0]
              m:f32[] = full[type=f32[] value=1.0]
              c:f32[3] = broadcast_in_dim[shape=[3] axes=[]] b
              d:f32[3] = add a c
              f:f32[3] = broadcast_in_dim[shape=[3] axes=[]] e
              g:f32[3] = mul d f
              h:f32[3] = neg g
              i:f32[3] = neg h
              k:f32[3] = broadcast_in_dim[shape=[3] axes=[]] j
              l:f32[3] = sub i k
              n:f32[3] = broadcast_in_dim[shape=[3] axes=[]] m
              o:f32[3] = div l n
              return o }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] ->
              return a }\
            """);
  }

  @Test
  void arithmeticOfConstantsIsDone() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.mul(Tensor.scalar(1f).div(1280.0).neg()));
            },
            f32(3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[3] ->
              b:f32[] = full[type=f32[] value=1.0]
              c:f32[] = full[type=f32[] value=1280.0]
              d:f32[] = div b c
              e:f32[] = neg d
              f:f32[3] = broadcast_in_dim[shape=[3] axes=[]] e
              g:f32[3] = mul a f
              return g }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] ->
              f:f32[3] = full[type=f32[3] value=-7.812500116415322E-4]
              g:f32[3] = mul a f
              return g }\
            """);
  }

  @Test
  void signsMoveIntoSumsAndGo() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              Tensor y = t.get(1);
              return List.of(
                  x.add(y.neg()),
                  x.sub(y.neg()),
                  x.sub(y).neg(),
                  x.neg().mul(y.neg()),
                  x.neg().square(),
                  x.mul(-1.0),
                  x.neg().abs());
            },
            f32(3),
            f32(3));
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] b:f32[3] ->
              d:f32[3] = sub a b
              f:f32[3] = add a b
              h:f32[3] = sub b a
              k:f32[3] = mul a b
              m:f32[3] = square a
              p:f32[3] = neg a
              r:f32[3] = abs a
              return d f h k m p r }\
            """);
  }

  @Test
  void divisionByAPowerOfTwoMultiplies() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.div(8.0), x.div(3.0));
            },
            f32(3));
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] ->
              h:f32[3] = full[type=f32[3] value=0.125]
              d:f32[3] = mul a h
              f:f32[3] = full[type=f32[3] value=3.0]
              g:f32[3] = div a f
              return d g }\
            """);
  }

  @Test
  void castsThatLoseNothingJoin() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(
                  x.cast(DType.F64).cast(DType.F32),
                  x.cast(DType.F64).cast(DType.I32),
                  x.cast(DType.I32).cast(DType.F32));
            },
            f32(3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[3] ->
              b:f64[3] = cast[dtype=f64] a
              c:f32[3] = cast[dtype=f32] b
              d:f64[3] = cast[dtype=f64] a
              e:i32[3] = cast[dtype=i32] d
              f:i32[3] = cast[dtype=i32] a
              g:f32[3] = cast[dtype=f32] f
              return c e g }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] ->
              e:i32[3] = cast[dtype=i32] a
              f:i32[3] = cast[dtype=i32] a
              g:f32[3] = cast[dtype=f32] f
              return a e g }\
            """);
  }

  @Test
  void selectionsJoin() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              Tensor y = t.get(1);
              Tensor c = x.greater(y);
              return List.of(
                  Tensor.where(c, Tensor.where(c, x, y), x.exp()),
                  Tensor.where(c.not(), x, y),
                  Tensor.where(c, x, x));
            },
            f32(3),
            f32(3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[3] b:f32[3] ->
              c:bool[3] = gt a b
              d:f32[3] = where c a b
              e:f32[3] = exp a
              f:f32[3] = where c d e
              g:bool[3] = not c
              h:f32[3] = where g a b
              i:f32[3] = where c a a
              return f h i }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] b:f32[3] ->
              c:bool[3] = gt a b
              e:f32[3] = exp a
              f:f32[3] = where c a e
              h:f32[3] = where c b a
              return f h a }\
            """);
  }

  @Test
  void reductionsOfBroadcastsReduceNothing() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.broadcastTo(4, 3).sum(0), x.broadcastTo(4, 3).max(0));
            },
            f32(3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[3] ->
              b:f32[4, 3] = broadcast_in_dim[shape=[4, 3] axes=[1]] a
              c:f32[3] = sum[axes=[0]] b
              d:f32[4, 3] = broadcast_in_dim[shape=[4, 3] axes=[1]] a
              e:f32[3] = max[axes=[0]] d
              return c e }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] ->
              f:f32[3] = full[type=f32[3] value=4.0]
              g:f32[3] = mul a f
              return g a }\
            """);
  }

  @Test
  void opsRunBeforeBroadcasts() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.broadcastTo(4, 3).exp());
            },
            f32(3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[3] ->
              b:f32[4, 3] = broadcast_in_dim[shape=[4, 3] axes=[1]] a
              c:f32[4, 3] = exp b
              return c }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3] ->
              d:f32[3] = exp a
              c:f32[4, 3] = broadcast_in_dim[shape=[4, 3] axes=[1]] d
              return c }\
            """);
  }

  @Test
  void structuralOpsJoin() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              Tensor part = x.slice(new long[] {0, 0}, new long[] {2, 2}, new long[] {1, 1});
              return List.of(
                  x.transpose().transpose(),
                  x.reshape(6).reshape(3, 2),
                  part.slice(new long[] {1, 0}, new long[] {2, 2}, new long[] {1, 1}));
            },
            f32(2, 3));
    assertThat(before)
        .hasToString(
            """
            { a:f32[2, 3] ->
              b:f32[2, 2] = slice[start=[0, 0] limit=[2, 2] stride=[1, 1]] a
              c:f32[3, 2] = transpose[permutation=[1, 0]] a
              d:f32[2, 3] = transpose[permutation=[1, 0]] c
              e:f32[6] = reshape[shape=[6]] a
              f:f32[3, 2] = reshape[shape=[3, 2]] e
              g:f32[1, 2] = slice[start=[1, 0] limit=[2, 2] stride=[1, 1]] b
              return d f g }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[2, 3] ->
              f:f32[3, 2] = reshape[shape=[3, 2]] a
              g:f32[1, 2] = slice[start=[1, 0] limit=[2, 2] stride=[1, 1]] a
              return a f g }\
            """);
  }

  @Test
  void reductionsComeBeforeTransposes() {
    Program before =
        program(
            t -> {
              Tensor x = t.get(0);
              return List.of(x.sin().transpose().sum(0));
            },
            f32(4, 2));
    assertThat(before)
        .hasToString(
            """
            { a:f32[4, 2] ->
              b:f32[4, 2] = sin a
              c:f32[2, 4] = transpose[permutation=[1, 0]] b
              d:f32[4] = sum[axes=[0]] c
              return d }\
            """);
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[4, 2] ->
              b:f32[4, 2] = sin a
              e:f32[4] = sum[axes=[1]] b
              return e }\
            """);
  }

  @Test
  void productsWithOneValueAreSums() {
    Program before =
        program(
            t -> {
              Tensor ones = Tensor.full(DType.F32, 2.0, 4, 3);
              return List.of(ones.matmul(t.get(0)), t.get(0).transpose().matmul(ones.transpose()));
            },
            f32(3, 2));
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[3, 2] ->
              g:f32[2] = sum[axes=[0]] a
              h:f32[2] = full[type=f32[2] value=2.0]
              i:f32[2] = mul g h
              c:f32[4, 2] = broadcast_in_dim[shape=[4, 2] axes=[1]] i
              d:f32[2, 3] = transpose[permutation=[1, 0]] a
              j:f32[2] = sum[axes=[1]] d
              k:f32[2] = full[type=f32[2] value=2.0]
              l:f32[2] = mul j k
              f:f32[2, 4] = broadcast_in_dim[shape=[2, 4] axes=[0]] l
              return c f }\
            """);
  }

  @Test
  void transposedFactorsAreContractedAlongOtherAxes() {
    Program before =
        program(t -> List.of(t.get(0).transpose().matmul(t.get(1))), f32(4, 2), f32(4, 3));
    assertThat(Simplify.apply(before).live())
        .hasToString(
            """
            { a:f32[4, 2] b:f32[4, 3] ->
              d:f32[2, 3] = dot_general[leftContract=[0] rightContract=[0] leftBatch=[] rightBatch=[]] a b
              return d }\
            """);
  }
}
