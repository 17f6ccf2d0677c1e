package dev.lockstep.tensor;

import dev.lockstep.program.Trace;
import dev.lockstep.program.Tracer;
import dev.lockstep.program.primitive.BinaryArithmetic;
import dev.lockstep.program.primitive.BinaryFloating;
import dev.lockstep.program.primitive.Bitwise;
import dev.lockstep.program.primitive.Classification;
import dev.lockstep.program.primitive.Comparison;
import dev.lockstep.program.primitive.Exponential;
import dev.lockstep.program.primitive.Hyperbolic;
import dev.lockstep.program.primitive.Root;
import dev.lockstep.program.primitive.Rounding;
import dev.lockstep.program.primitive.Special;
import dev.lockstep.program.primitive.Trigonometric;
import dev.lockstep.program.primitive.Unary;
import dev.lockstep.program.primitive.UnaryArithmetic;
import dev.lockstep.runtime.Array;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * An n-dimensional array of one {@link DType}, or, inside a function that is being transformed, a
 * stand-in for one (a tracer). Both have the same methods.
 *
 * <p>Tensors are immutable. Arrays hold native memory, which is freed by {@link #close}, by their
 * {@link Scope}, or when the tensor becomes unreachable.
 */
public abstract sealed class Tensor implements AutoCloseable permits Array, Tracer {
  /** For {@link Array} and {@link Tracer}, which are all there are. */
  protected Tensor() {}

  /** Returns the dtype and shape. */
  public abstract TensorType type();

  /**
   * Returns the array that holds this tensor's value; for tracers inside {@code grad}, {@code jvp}
   * and their like it is computed on demand. Internal: users call {@link #item} and its siblings.
   *
   * @param op the user's op, for the error
   * @throws dev.lockstep.error.TracerException if no single value exists
   */
  @SuppressWarnings("exports") // for the packages of this library
  public abstract Array concrete(String op);

  /** Frees the memory now instead of when the tensor becomes unreachable. Twice does nothing. */
  @Override
  public abstract void close();

  /** Returns a tensor {@code f32[n]} of these elements, which are copied. */
  public static Tensor of(float... elements) {
    return of(elements, Shape.of(elements.length));
  }

  /** Returns a tensor {@code f64[n]} of these elements, which are copied. */
  public static Tensor of(double... elements) {
    return of(elements, Shape.of(elements.length));
  }

  /** Returns a tensor {@code i32[n]} of these elements, which are copied. */
  public static Tensor of(int... elements) {
    return of(elements, Shape.of(elements.length));
  }

  /** Returns a tensor {@code i64[n]} of these elements, which are copied. */
  public static Tensor of(long... elements) {
    return of(elements, Shape.of(elements.length));
  }

  /** Returns a tensor {@code bool[n]} of these elements, which are copied. */
  public static Tensor of(boolean... elements) {
    return of(elements, Shape.of(elements.length));
  }

  /** Returns a tensor of these elements in row-major order, which are copied. */
  public static Tensor of(float[] elements, Shape shape) {
    return JavaArrays.tensor(elements, DType.F32, elements.length, shape);
  }

  /** Returns a tensor of these elements in row-major order, which are copied. */
  public static Tensor of(double[] elements, Shape shape) {
    return JavaArrays.tensor(elements, DType.F64, elements.length, shape);
  }

  /** Returns a tensor of these elements in row-major order, which are copied. */
  public static Tensor of(int[] elements, Shape shape) {
    return JavaArrays.tensor(elements, DType.I32, elements.length, shape);
  }

  /** Returns a tensor of these elements in row-major order, which are copied. */
  public static Tensor of(long[] elements, Shape shape) {
    return JavaArrays.tensor(elements, DType.I64, elements.length, shape);
  }

  /** Returns a tensor of these elements in row-major order, which are copied. */
  public static Tensor of(boolean[] elements, Shape shape) {
    return JavaArrays.tensor(elements, DType.BOOL, elements.length, shape);
  }

  /**
   * Returns a tensor {@code bf16[shape]} of these bits in row-major order, which are copied: {@link
   * BFloat16} makes them. Values come by {@code Tensor.of(floats).cast(DType.BF16)}.
   */
  public static Tensor ofBf16(short[] bits, Shape shape) {
    return JavaArrays.tensor(bits, DType.BF16, bits.length, shape);
  }

  /** Returns a tensor {@code f32[m, n]} of these rows, which must be of one length. */
  public static Tensor of(float[][] rows) {
    return NestedArrays.tensor(rows);
  }

  /** Returns a tensor {@code f64[m, n]} of these rows, which must be of one length. */
  public static Tensor of(double[][] rows) {
    return NestedArrays.tensor(rows);
  }

  /** Returns a tensor {@code i32[m, n]} of these rows, which must be of one length. */
  public static Tensor of(int[][] rows) {
    return NestedArrays.tensor(rows);
  }

  /** Returns a tensor {@code i64[m, n]} of these rows, which must be of one length. */
  public static Tensor of(long[][] rows) {
    return NestedArrays.tensor(rows);
  }

  /** Returns a tensor {@code bool[m, n]} of these rows, which must be of one length. */
  public static Tensor of(boolean[][] rows) {
    return NestedArrays.tensor(rows);
  }

  /**
   * Returns a tensor of a Java array of any depth: a {@code double[][][]} gives {@code f64[k, m,
   * n]}.
   *
   * @throws dev.lockstep.error.ShapeException if rows differ in length; the text has the row's path
   * @throws dev.lockstep.error.DTypeException if it is no array of float, double, int, long,
   *     boolean
   */
  public static Tensor ofNested(Object nested) {
    return NestedArrays.tensor(nested);
  }

  /**
   * Returns a tensor over the caller's native memory, without a copy: writes to the segment show in
   * the tensor. Elements are row-major and little-endian, a bool is one byte, 0 or 1.
   *
   * <p>The tensor keeps the segment reachable. Its arena may be closed when no op on the tensor
   * runs; later ops then throw {@link dev.lockstep.error.ClosedTensorException}.
   *
   * @throws dev.lockstep.error.ShapeException if the segment has another size than the elements
   * @throws dev.lockstep.error.DTypeException if it is on the heap or not aligned to the elements
   */
  public static Tensor of(MemorySegment segment, DType dtype, Shape shape) {
    return Segments.tensor(segment, new TensorType(dtype, shape));
  }

  /** Returns a scalar {@code f64[]}. */
  public static Tensor scalar(double value) {
    return Array.literal(DType.F64, Double.doubleToRawLongBits(value));
  }

  /** Returns a scalar {@code f32[]}. */
  public static Tensor scalar(float value) {
    return Array.literal(DType.F32, Integer.toUnsignedLong(Float.floatToRawIntBits(value)));
  }

  /** Returns a scalar {@code i32[]}. */
  public static Tensor scalar(int value) {
    return Array.literal(DType.I32, Integer.toUnsignedLong(value));
  }

  /** Returns a scalar {@code i64[]}. */
  public static Tensor scalar(long value) {
    return Array.literal(DType.I64, value);
  }

  /** Returns a scalar {@code bool[]}. */
  public static Tensor scalar(boolean value) {
    return Array.literal(DType.BOOL, value ? 1 : 0);
  }

  /** Returns zeros {@code f32[shape]}. */
  public static Tensor zeros(long... shape) {
    return zeros(DType.F32, shape);
  }

  /** Returns zeros, or false. */
  public static Tensor zeros(DType dtype, long... shape) {
    return Filled.full(dtype, 0, Shape.of("zeros", shape));
  }

  /** Returns ones {@code f32[shape]}. */
  public static Tensor ones(long... shape) {
    return ones(DType.F32, shape);
  }

  /** Returns ones, or true. */
  public static Tensor ones(DType dtype, long... shape) {
    return Filled.full(dtype, 1, Shape.of("ones", shape));
  }

  /** Returns a tensor {@code f32[shape]} that is {@code value} everywhere. */
  public static Tensor full(double value, long... shape) {
    return full(DType.F32, value, shape);
  }

  /**
   * Returns a tensor that is {@code value} everywhere.
   *
   * @throws dev.lockstep.error.DTypeException if the value is no integer and the dtype is, or is
   *     out of its range
   */
  public static Tensor full(DType dtype, Number value, long... shape) {
    return Filled.full(dtype, value, Shape.of("full", shape));
  }

  /** Returns zeros, or false, of the dtype and shape of {@code x}. */
  public static Tensor zerosLike(Tensor x) {
    return fullLike(x, 0);
  }

  /** Returns ones, or true, of the dtype and shape of {@code x}. */
  public static Tensor onesLike(Tensor x) {
    return fullLike(x, 1);
  }

  /**
   * Returns a tensor of the dtype and shape of {@code x} that is {@code value} everywhere.
   *
   * @throws dev.lockstep.error.DTypeException if the value is no integer and the dtype is, or is
   *     out of its range
   */
  public static Tensor fullLike(Tensor x, Number value) {
    return Filled.full(x.dtype(), value, x.shape());
  }

  /** Returns the identity matrix {@code f32[n, n]}. */
  public static Tensor eye(long n) {
    return eye(DType.F32, n, n);
  }

  /** Returns ones on the main diagonal and zeros elsewhere. */
  public static Tensor eye(DType dtype, long rows, long columns) {
    return eye(dtype, rows, columns, 0);
  }

  /** Returns ones on a diagonal, {@code offset} above the main one, and zeros elsewhere. */
  public static Tensor eye(DType dtype, long rows, long columns, long offset) {
    return Filled.eye(dtype, rows, columns, offset);
  }

  /** Returns 0, 1 … {@code limit - 1} as {@code i32}. */
  public static Tensor arange(int limit) {
    return arange(0, limit, 1);
  }

  /** Returns {@code start}, {@code start + 1} … {@code limit - 1} as {@code i32}. */
  public static Tensor arange(int start, int limit) {
    return arange(start, limit, 1);
  }

  /** Returns {@code start}, {@code start + step} … up to, without, {@code limit} as {@code i32}. */
  public static Tensor arange(int start, int limit, int step) {
    return Ranges.integers(DType.I32, start, limit, step);
  }

  /** Returns 0, 1 … {@code limit - 1} as {@code i64}. */
  public static Tensor arange(long limit) {
    return arange(0L, limit, 1L);
  }

  /** Returns {@code start}, {@code start + 1} … {@code limit - 1} as {@code i64}. */
  public static Tensor arange(long start, long limit) {
    return arange(start, limit, 1L);
  }

  /** Returns {@code start}, {@code start + step} … up to, without, {@code limit} as {@code i64}. */
  public static Tensor arange(long start, long limit, long step) {
    return Ranges.integers(DType.I64, start, limit, step);
  }

  /** Returns 0, 1 … below {@code limit} as {@code f64}. */
  public static Tensor arange(double limit) {
    return arange(0.0, limit, 1.0);
  }

  /** Returns {@code start}, {@code start + 1} … below {@code limit} as {@code f64}. */
  public static Tensor arange(double start, double limit) {
    return arange(start, limit, 1.0);
  }

  /**
   * Returns {@code start}, {@code start + step} … up to, without, {@code limit} as {@code f64}. How
   * many there are depends on rounding; {@link #linspace} says how many.
   */
  public static Tensor arange(double start, double limit, double step) {
    return Ranges.doubles(start, limit, step);
  }

  /** Returns {@code count} numbers at equal distances, both ends included, as {@code f64}. */
  public static Tensor linspace(double start, double end, long count) {
    return Ranges.linspace(start, end, count);
  }

  /**
   * Returns the only element.
   *
   * @throws dev.lockstep.error.ShapeException if there is not exactly one
   * @throws dev.lockstep.error.DTypeException if it is an i64 that no double equals
   * @throws dev.lockstep.error.TracerException if no single value exists, as under {@code vmap}
   */
  public final double item() {
    return JavaArrays.item(this);
  }

  /** Returns the only element of an integer or bool tensor; see {@link #item}. */
  public final long itemLong() {
    return JavaArrays.itemLong(this);
  }

  /** Returns the only element of a bool tensor; see {@link #item}. */
  public final boolean itemBoolean() {
    return JavaArrays.itemBoolean(this);
  }

  /**
   * Returns the elements of an f32, bf16 or bool tensor in row-major order.
   *
   * @throws dev.lockstep.error.DTypeException if values could be lost; {@code cast} says that they
   *     may
   * @throws dev.lockstep.error.TracerException if no single value exists, as under {@code vmap}
   */
  public final float[] toFloatArray() {
    return JavaArrays.floats(this);
  }

  /** Returns the elements of an f64, f32, bf16, i32 or bool tensor; see {@link #toFloatArray}. */
  public final double[] toDoubleArray() {
    return JavaArrays.doubles(this);
  }

  /** Returns the elements of an i32 or bool tensor; see {@link #toFloatArray}. */
  public final int[] toIntArray() {
    return JavaArrays.ints(this);
  }

  /** Returns the elements of an i64, i32 or bool tensor; see {@link #toFloatArray}. */
  public final long[] toLongArray() {
    return JavaArrays.longs(this);
  }

  /** Returns the elements of a bool tensor; see {@link #toFloatArray}. */
  public final boolean[] toBooleanArray() {
    return JavaArrays.booleans(this);
  }

  /** Returns the bits of a bf16 tensor's elements in row-major order; see {@link BFloat16}. */
  public final short[] toBf16Array() {
    return JavaArrays.bf16Bits(this);
  }

  /**
   * Returns the elements as a Java array of the tensor's rank, a {@code float[][]} for {@code
   * f32[m, n]}; boxed for a scalar.
   */
  public final Object toNested() {
    return NestedArrays.nested(concrete("toNested"), "toNested");
  }

  /** Returns the extents of the axes. */
  public final Shape shape() {
    return type().shape();
  }

  /** Returns the type of the elements. */
  public final DType dtype() {
    return type().dtype();
  }

  /** Returns the number of axes. */
  public final int rank() {
    return type().shape().rank();
  }

  /** Returns the number of elements. */
  public final long size() {
    return type().shape().size();
  }

  /**
   * Returns {@code x + y}, elementwise; of bools {@code x or y}. Shapes broadcast and dtypes
   * promote as in NumPy.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor add(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Add(), new Bitwise.Or(), this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor add(double y) {
    return add(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor add(long y) {
    return add(Scalars.beside("add", this, y));
  }

  /**
   * Returns {@code x - y}, elementwise.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if both are bool
   */
  public final Tensor sub(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Sub(), null, this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor sub(double y) {
    return sub(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor sub(long y) {
    return sub(Scalars.beside("sub", this, y));
  }

  /**
   * Returns {@code x * y}, elementwise; of bools {@code x and y}.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor mul(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Mul(), new Bitwise.And(), this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor mul(double y) {
    return mul(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor mul(long y) {
    return mul(Scalars.beside("mul", this, y));
  }

  /**
   * Returns {@code x / y}, elementwise; integers are divided in f64.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor div(Tensor y) {
    return ElementwiseOps.divide(this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor div(double y) {
    return div(Scalars.beside(this, y));
  }

  /** The same with a scalar; integers are divided in f64. */
  public final Tensor div(long y) {
    return div(Scalars.beside("div", this, y));
  }

  /**
   * Returns the remainder of {@code x / y} with the sign of x, as Java's {@code %}; of integers 0
   * where y is 0.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if both are bool
   */
  public final Tensor rem(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Rem(), null, this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor rem(double y) {
    return rem(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor rem(long y) {
    return rem(Scalars.beside("rem", this, y));
  }

  /**
   * Returns {@code x^y}, elementwise. The derivative by x is 0 where y is 0, also at {@code x = 0}.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if both are bool
   */
  public final Tensor pow(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Pow(), null, this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor pow(double y) {
    return pow(Scalars.beside(this, y));
  }

  /**
   * Returns {@code x^y} for a whole exponent by repeated squaring.
   *
   * @throws dev.lockstep.error.DTypeException if x is bool, or if x is integer and y negative
   */
  public final Tensor pow(long y) {
    return Powers.of(this, y);
  }

  /**
   * Returns the larger of x and y, elementwise; NaN where one is NaN. Where both are equal each
   * gets half of the derivative.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor maximum(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Maximum(), new Bitwise.Or(), this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor maximum(double y) {
    return maximum(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor maximum(long y) {
    return maximum(Scalars.beside("maximum", this, y));
  }

  /**
   * Returns the smaller of x and y, elementwise; NaN where one is NaN. Where both are equal each
   * gets half of the derivative.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor minimum(Tensor y) {
    return ElementwiseOps.arithmetic(new BinaryArithmetic.Minimum(), new Bitwise.And(), this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor minimum(double y) {
    return minimum(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor minimum(long y) {
    return minimum(Scalars.beside("minimum", this, y));
  }

  /**
   * Returns the angle in radians of the point (x, y), where y is this tensor: in {@code [-pi, pi]}.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor atan2(Tensor x) {
    return ElementwiseOps.floating(new BinaryFloating.Atan2(), this, x);
  }

  /**
   * Returns {@code sqrt(x^2 + y^2)} without overflow on the way.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor hypot(Tensor y) {
    return ElementwiseOps.floating(new BinaryFloating.Hypot(), this, y);
  }

  /**
   * Returns {@code -x}.
   *
   * @throws dev.lockstep.error.DTypeException if this is bool
   */
  public final Tensor neg() {
    return ElementwiseOps.unary(new UnaryArithmetic.Neg(), this);
  }

  /**
   * Returns the absolute value; its derivative at 0 is 0.
   *
   * @throws dev.lockstep.error.DTypeException if this is bool
   */
  public final Tensor abs() {
    return ElementwiseOps.unary(new UnaryArithmetic.Abs(), this);
  }

  /**
   * Returns -1, 0 or 1 with the sign of x; NaN for NaN.
   *
   * @throws dev.lockstep.error.DTypeException if this is bool
   */
  public final Tensor sign() {
    return ElementwiseOps.unary(new UnaryArithmetic.Sign(), this);
  }

  /**
   * Returns {@code x * x}.
   *
   * @throws dev.lockstep.error.DTypeException if this is bool
   */
  public final Tensor square() {
    return ElementwiseOps.unary(new UnaryArithmetic.Square(), this);
  }

  /**
   * Returns {@code e^x}. Integers and bools are computed in f64, here and in the functions below.
   */
  public final Tensor exp() {
    return ElementwiseOps.unary(new Exponential.Exp(), this);
  }

  /** Returns {@code 2^x}. */
  public final Tensor exp2() {
    return ElementwiseOps.unary(new Exponential.Exp2(), this);
  }

  /** Returns {@code e^x - 1}, exact near 0. */
  public final Tensor expm1() {
    return ElementwiseOps.unary(new Exponential.Expm1(), this);
  }

  /** Returns the natural logarithm; -inf at 0 and NaN below. */
  public final Tensor log() {
    return ElementwiseOps.unary(new Exponential.Log(), this);
  }

  /** Returns the logarithm to base 2. */
  public final Tensor log2() {
    return ElementwiseOps.unary(new Exponential.Log2(), this);
  }

  /** Returns the logarithm to base 10. */
  public final Tensor log10() {
    return ElementwiseOps.unary(new Exponential.Log10(), this);
  }

  /** Returns {@code log(1 + x)}, exact near 0. */
  public final Tensor log1p() {
    return ElementwiseOps.unary(new Exponential.Log1p(), this);
  }

  /** Returns {@code 1 / (1 + e^-x)}. */
  public final Tensor sigmoid() {
    return ElementwiseOps.unary(new Exponential.Sigmoid(), this);
  }

  /** Returns the square root; NaN below 0. */
  public final Tensor sqrt() {
    return ElementwiseOps.unary(new Root.Sqrt(), this);
  }

  /** Returns {@code 1 / sqrt(x)}. */
  public final Tensor rsqrt() {
    return ElementwiseOps.unary(new Root.Rsqrt(), this);
  }

  /** Returns the cube root. */
  public final Tensor cbrt() {
    return ElementwiseOps.unary(new Root.Cbrt(), this);
  }

  /** Returns {@code 1 / x}. */
  public final Tensor reciprocal() {
    return ElementwiseOps.unary(new Root.Reciprocal(), this);
  }

  /** Returns the sine of an angle in radians. */
  public final Tensor sin() {
    return ElementwiseOps.unary(new Trigonometric.Sin(), this);
  }

  /** Returns the cosine of an angle in radians. */
  public final Tensor cos() {
    return ElementwiseOps.unary(new Trigonometric.Cos(), this);
  }

  /** Returns the tangent of an angle in radians. */
  public final Tensor tan() {
    return ElementwiseOps.unary(new Trigonometric.Tan(), this);
  }

  /** Returns the angle in {@code [-pi/2, pi/2]} whose sine is x. */
  public final Tensor asin() {
    return ElementwiseOps.unary(new Trigonometric.Asin(), this);
  }

  /** Returns the angle in {@code [0, pi]} whose cosine is x. */
  public final Tensor acos() {
    return ElementwiseOps.unary(new Trigonometric.Acos(), this);
  }

  /** Returns the angle in {@code [-pi/2, pi/2]} whose tangent is x. */
  public final Tensor atan() {
    return ElementwiseOps.unary(new Trigonometric.Atan(), this);
  }

  /** Returns the hyperbolic sine. */
  public final Tensor sinh() {
    return ElementwiseOps.unary(new Hyperbolic.Sinh(), this);
  }

  /** Returns the hyperbolic cosine. */
  public final Tensor cosh() {
    return ElementwiseOps.unary(new Hyperbolic.Cosh(), this);
  }

  /** Returns the hyperbolic tangent. */
  public final Tensor tanh() {
    return ElementwiseOps.unary(new Hyperbolic.Tanh(), this);
  }

  /** Returns the inverse of the hyperbolic sine. */
  public final Tensor asinh() {
    return ElementwiseOps.unary(new Hyperbolic.Asinh(), this);
  }

  /** Returns the inverse of the hyperbolic cosine; NaN below 1. */
  public final Tensor acosh() {
    return ElementwiseOps.unary(new Hyperbolic.Acosh(), this);
  }

  /** Returns the inverse of the hyperbolic tangent; NaN outside [-1, 1]. */
  public final Tensor atanh() {
    return ElementwiseOps.unary(new Hyperbolic.Atanh(), this);
  }

  /** Returns the error function {@code 2/sqrt(pi) * integral of exp(-t^2) from 0 to x}. */
  public final Tensor erf() {
    return ElementwiseOps.unary(new Special.Erf(), this);
  }

  /** Returns {@code 1 - erf(x)}, exact for large x. */
  public final Tensor erfc() {
    return ElementwiseOps.unary(new Special.Erfc(), this);
  }

  /** Returns the inverse of the error function; NaN outside [-1, 1]. */
  public final Tensor erfInv() {
    return ElementwiseOps.unary(new Special.ErfInv(), this);
  }

  /** Returns the logarithm of the absolute value of the gamma function. */
  public final Tensor lgamma() {
    return ElementwiseOps.unary(new Special.Lgamma(), this);
  }

  /** Returns the derivative of {@link #lgamma}. */
  public final Tensor digamma() {
    return ElementwiseOps.unary(new Special.Digamma(), this);
  }

  /** Returns the largest whole number that is not above x. */
  public final Tensor floor() {
    return ElementwiseOps.round(new Rounding.Floor(), this);
  }

  /** Returns the smallest whole number that is not below x. */
  public final Tensor ceil() {
    return ElementwiseOps.round(new Rounding.Ceil(), this);
  }

  /** Returns the nearest whole number; halves go to the even one. */
  public final Tensor round() {
    return ElementwiseOps.round(new Rounding.Round(), this);
  }

  /** Returns x without its fraction. */
  public final Tensor trunc() {
    return ElementwiseOps.round(new Rounding.Trunc(), this);
  }

  /** Returns whether each element is not a number, as bool. */
  public final Tensor isNan() {
    return ElementwiseOps.classify(new Classification.IsNan(), this);
  }

  /** Returns whether each element is infinite, as bool. */
  public final Tensor isInf() {
    return ElementwiseOps.classify(new Classification.IsInf(), this);
  }

  /** Returns whether each element is neither infinite nor NaN, as bool. */
  public final Tensor isFinite() {
    return ElementwiseOps.classify(new Classification.IsFinite(), this);
  }

  /**
   * Returns {@code x == y}, elementwise, as bool.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor equal(Tensor y) {
    return ElementwiseOps.compare("equal", new Comparison.Eq(), this, y);
  }

  /** The same with a scalar. */
  public final Tensor equal(double y) {
    return equal(Scalars.beside(this, y));
  }

  /** The same with a scalar. */
  public final Tensor equal(long y) {
    return equal(Scalars.beside("equal", this, y));
  }

  /**
   * Returns {@code x != y}, elementwise, as bool.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor notEqual(Tensor y) {
    return ElementwiseOps.compare("notEqual", new Comparison.Ne(), this, y);
  }

  /** The same with a scalar. */
  public final Tensor notEqual(double y) {
    return notEqual(Scalars.beside(this, y));
  }

  /** The same with a scalar. */
  public final Tensor notEqual(long y) {
    return notEqual(Scalars.beside("notEqual", this, y));
  }

  /**
   * Returns {@code x < y}, elementwise, as bool.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor less(Tensor y) {
    return ElementwiseOps.compare("less", new Comparison.Lt(), this, y);
  }

  /** The same with a scalar. */
  public final Tensor less(double y) {
    return less(Scalars.beside(this, y));
  }

  /** The same with a scalar. */
  public final Tensor less(long y) {
    return less(Scalars.beside("less", this, y));
  }

  /**
   * Returns {@code x <= y}, elementwise, as bool.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor lessEqual(Tensor y) {
    return ElementwiseOps.compare("lessEqual", new Comparison.Le(), this, y);
  }

  /** The same with a scalar. */
  public final Tensor lessEqual(double y) {
    return lessEqual(Scalars.beside(this, y));
  }

  /** The same with a scalar. */
  public final Tensor lessEqual(long y) {
    return lessEqual(Scalars.beside("lessEqual", this, y));
  }

  /**
   * Returns {@code x > y}, elementwise, as bool.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor greater(Tensor y) {
    return ElementwiseOps.compare("greater", new Comparison.Gt(), this, y);
  }

  /** The same with a scalar. */
  public final Tensor greater(double y) {
    return greater(Scalars.beside(this, y));
  }

  /** The same with a scalar. */
  public final Tensor greater(long y) {
    return greater(Scalars.beside("greater", this, y));
  }

  /**
   * Returns {@code x >= y}, elementwise, as bool.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor greaterEqual(Tensor y) {
    return ElementwiseOps.compare("greaterEqual", new Comparison.Ge(), this, y);
  }

  /** The same with a scalar. */
  public final Tensor greaterEqual(double y) {
    return greaterEqual(Scalars.beside(this, y));
  }

  /** The same with a scalar. */
  public final Tensor greaterEqual(long y) {
    return greaterEqual(Scalars.beside("greaterEqual", this, y));
  }

  /**
   * Returns the bits that are set in both; of bools whether both are true.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if an operand is floating
   */
  public final Tensor and(Tensor y) {
    return ElementwiseOps.bitwise("and", new Bitwise.And(), this, y);
  }

  /**
   * Returns the bits that are set in one or both; of bools whether one is true.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if an operand is floating
   */
  public final Tensor or(Tensor y) {
    return ElementwiseOps.bitwise("or", new Bitwise.Or(), this, y);
  }

  /**
   * Returns the bits that are set in exactly one; of bools whether they differ.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if an operand is floating
   */
  public final Tensor xor(Tensor y) {
    return ElementwiseOps.bitwise("xor", new Bitwise.Xor(), this, y);
  }

  /**
   * Returns the inverted bits; of bools the opposite.
   *
   * @throws dev.lockstep.error.DTypeException if this is floating
   */
  public final Tensor not() {
    return ElementwiseOps.not(this);
  }

  /**
   * Returns {@code x * 2^y} of integers, wrapping; 0 if y is the width or more.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if an operand is not integer
   */
  public final Tensor shiftLeft(Tensor y) {
    return ElementwiseOps.bitwise("shiftLeft", new Bitwise.ShiftLeft(), this, y);
  }

  /**
   * Returns {@code x >> y} of integers, filled with the sign.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if an operand is not integer
   */
  public final Tensor shiftRight(Tensor y) {
    return ElementwiseOps.bitwise("shiftRight", new Bitwise.ShiftRight(), this, y);
  }

  /**
   * Returns {@code x >>> y} of integers, filled with zeros.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if an operand is not integer
   */
  public final Tensor shiftRightLogical(Tensor y) {
    return ElementwiseOps.bitwise("shiftRightLogical", new Bitwise.ShiftRightLogical(), this, y);
  }

  /**
   * Returns {@code condition ? x : y}, elementwise. NaN and infinity in the branch not taken harm
   * neither the value nor the derivative of this op.
   *
   * @throws dev.lockstep.error.ShapeException if the three shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if the condition is not bool
   */
  public static Tensor where(Tensor condition, Tensor x, Tensor y) {
    return ElementwiseOps.where(condition, x, y);
  }

  /** The same with a scalar for the branch not taken. */
  public static Tensor where(Tensor condition, Tensor x, double y) {
    return where(condition, x, Scalars.beside(x, y));
  }

  /** The same with a scalar for the branch taken. */
  public static Tensor where(Tensor condition, double x, Tensor y) {
    return where(condition, Scalars.beside(y, x), y);
  }

  /**
   * Returns the elements converted: to bool whether they are not 0; from floating to integer
   * towards 0, NaN to 0 and what is out of range to the nearest end of it; to floating the nearest
   * number, the even one of two.
   */
  public final Tensor cast(DType dtype) {
    return ElementwiseOps.cast(this, dtype);
  }

  /** Returns the same values, which derivatives take for constants. */
  public final Tensor stopGradient() {
    return Trace.bind(new Unary.StopGradient(), this);
  }

  /**
   * Returns the sum over these axes, over all if none is given; negative axes count from the end.
   * Sums of integers and bools are i64.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor sum(int... axes) {
    return ReductionOps.sum(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor sumKeepDims(int... axes) {
    return ReductionOps.sum(this, true, axes);
  }

  /**
   * Returns the mean over these axes, over all if none is given; of integers and bools in f64, of
   * no elements NaN.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor mean(int... axes) {
    return ReductionOps.mean(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor meanKeepDims(int... axes) {
    return ReductionOps.mean(this, true, axes);
  }

  /**
   * Returns the product over these axes, over all if none is given; of integers and bools as i64.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor prod(int... axes) {
    return ReductionOps.prod(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor prodKeepDims(int... axes) {
    return ReductionOps.prod(this, true, axes);
  }

  /**
   * Returns the largest element over these axes, over all if none is given; NaN if one is. Equal
   * largest elements share the derivative equally.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   * @throws dev.lockstep.error.ShapeException if there are no elements along the axes
   */
  public final Tensor max(int... axes) {
    return ReductionOps.max(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor maxKeepDims(int... axes) {
    return ReductionOps.max(this, true, axes);
  }

  /**
   * Returns the smallest element over these axes, over all if none is given; NaN if one is. Equal
   * smallest elements share the derivative equally.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   * @throws dev.lockstep.error.ShapeException if there are no elements along the axes
   */
  public final Tensor min(int... axes) {
    return ReductionOps.min(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor minKeepDims(int... axes) {
    return ReductionOps.min(this, true, axes);
  }

  /**
   * Returns whether any element is not 0 over these axes, over all if none is given, as bool.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor any(int... axes) {
    return ReductionOps.any(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor anyKeepDims(int... axes) {
    return ReductionOps.any(this, true, axes);
  }

  /**
   * Returns whether no element is 0 over these axes, over all if none is given, as bool.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor all(int... axes) {
    return ReductionOps.all(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor allKeepDims(int... axes) {
    return ReductionOps.all(this, true, axes);
  }

  /**
   * Returns the matrix product, {@code z[..., i, j] = sum over k of x[..., i, k] * y[..., k, j]},
   * of the last two axes; those before broadcast. A vector is a row on the left and a column on the
   * right, and its axis is not in the result.
   *
   * @throws dev.lockstep.error.ShapeException if an operand is a scalar, if the inner dimensions
   *     differ, or if the batch axes do not broadcast
   */
  public final Tensor matmul(Tensor y) {
    return ContractionOps.matmul(this, y);
  }

  /**
   * Returns NumPy's dot: of vectors {@code sum over i of x[i] * y[i]}; in general the sum of
   * products over the last axis of x and the last but one of y; with a scalar the product.
   *
   * @throws dev.lockstep.error.ShapeException if the contracted axes differ
   */
  public final Tensor dot(Tensor y) {
    return ContractionOps.dot(this, y);
  }

  /**
   * Returns the sums of products over the contracted axes, for each index of the batch axes. The
   * axes of the result: batch, the left's others, the right's others.
   *
   * @throws dev.lockstep.error.ShapeException if axes that go together differ in extent
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor dotGeneral(
      Tensor y, int[] leftContract, int[] rightContract, int[] leftBatch, int[] rightBatch) {
    return ContractionOps.general(
        "dotGeneral", this, y, leftContract, rightContract, leftBatch, rightBatch);
  }

  /**
   * Returns the sums of products over the last axes of x and the first of y, as many as given.
   *
   * @throws dev.lockstep.error.ShapeException if axes that go together differ in extent
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor tensordot(Tensor y, int axes) {
    return ContractionOps.tensordot(this, y, axes);
  }

  /**
   * Returns the sums of products over these axes of x and y, paired in this order.
   *
   * @throws dev.lockstep.error.ShapeException if axes that go together differ in extent
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor tensordot(Tensor y, int[] left, int[] right) {
    return ContractionOps.general("tensordot", this, y, left, right, new int[0], new int[0]);
  }

  /** Returns {@code z[i, j] = x[i] * y[j]} of the flattened operands. */
  public final Tensor outer(Tensor y) {
    return ContractionOps.outer(this, y);
  }

  /**
   * Returns the elements, in row-major order, in another shape; one extent may be -1, which stands
   * for what is left.
   *
   * @throws dev.lockstep.error.ShapeException if the sizes differ
   */
  public final Tensor reshape(long... extents) {
    return ShapeOps.reshape(this, extents);
  }

  /** As {@link #reshape(long...)}: {@code x.reshape(y.shape())}. */
  public final Tensor reshape(Shape shape) {
    return ShapeOps.reshape(this, shape.extents());
  }

  /** Returns the elements, in row-major order, as a vector. */
  public final Tensor flatten() {
    return ShapeOps.flatten(this);
  }

  /**
   * Returns the tensor with axis {@code permutation[i]} as axis i; with the axes reversed if none
   * is given.
   *
   * @throws dev.lockstep.error.AxisException if this is no permutation of the axes
   */
  public final Tensor transpose(int... permutation) {
    return ShapeOps.transpose(this, permutation);
  }

  /**
   * Returns the tensor with two axes exchanged.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range
   */
  public final Tensor swapAxes(int first, int second) {
    return ShapeOps.swapAxes(this, first, second);
  }

  /**
   * Returns the tensor with its last two axes exchanged: each matrix transposed.
   *
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor matrixTranspose() {
    return MatrixOps.transpose(this);
  }

  /**
   * Returns the tensor with one axis moved; the others keep their order.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range
   */
  public final Tensor moveAxis(int from, int to) {
    return ShapeOps.moveAxis(this, from, to);
  }

  /**
   * Returns the tensor with several axes moved, {@code from[i]} to {@code to[i]}; the others keep
   * their order.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice, or if there
   *     are more of one than of the other
   */
  public final Tensor moveAxis(int[] from, int[] to) {
    return ShapeOps.moveAxis(this, from, to);
  }

  /**
   * Returns the tensor without these axes, which have extent 1; without all such axes if none is
   * given.
   *
   * @throws dev.lockstep.error.ShapeException if an axis has another extent
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor squeeze(int... axes) {
    return ShapeOps.squeeze(this, axes);
  }

  /**
   * Returns the tensor with more axes of extent 1, which become these {@code axes} of the result.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor expandDims(int... axes) {
    return ShapeOps.expandDims(this, axes);
  }

  /**
   * Returns the tensor repeated to a shape that it broadcasts to.
   *
   * @throws dev.lockstep.error.ShapeException if it does not
   */
  public final Tensor broadcastTo(long... extents) {
    return ShapeOps.broadcastTo(this, extents);
  }

  /** As {@link #broadcastTo(long...)}: {@code x.broadcastTo(y.shape())}. */
  public final Tensor broadcastTo(Shape shape) {
    return ShapeOps.broadcastTo(this, shape.extents());
  }

  /**
   * Returns the elements from {@code start} up to, not including, {@code limit}, on each axis.
   *
   * @throws dev.lockstep.error.ShapeException unless {@code 0 <= start <= limit <= extent} on each
   *     axis
   */
  public final Tensor slice(long[] start, long[] limit) {
    return slice(start, limit, ShapeOps.ones(rank()));
  }

  /**
   * The same, taking one element a stride.
   *
   * @throws dev.lockstep.error.ShapeException unless {@code 0 <= start <= limit <= extent} and
   *     {@code stride >= 1} on each axis
   */
  public final Tensor slice(long[] start, long[] limit, long[] stride) {
    return ShapeOps.slice(this, start, limit, stride);
  }

  /**
   * Returns {@code x[index]} on axis 0; negative indices count from the end.
   *
   * @throws dev.lockstep.error.IndexException if the index is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor get(long index) {
    return ShapeOps.get(this, index);
  }

  /**
   * Returns the tensor with the order along these axes reversed, along all if none is given.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor flip(int... axes) {
    return ShapeOps.flip(this, axes);
  }

  /**
   * Returns the tensor with zeros added on each axis, {@code low} of them before and {@code high}
   * behind.
   *
   * @throws dev.lockstep.error.ShapeException if a width is negative or one is missing
   */
  public final Tensor pad(long[] low, long[] high) {
    return ShapeOps.pad(this, low, high);
  }

  /**
   * Returns the tensor with {@code value} added on each axis, {@code low} times before and {@code
   * high} times behind.
   *
   * @throws dev.lockstep.error.ShapeException if a width is negative or one is missing
   */
  public final Tensor pad(long[] low, long[] high, double value) {
    return ShapeOps.pad(this, low, high, Scalars.beside(this, value));
  }

  /** The same with a whole number, beside which integers keep their dtype. */
  public final Tensor pad(long[] low, long[] high, long value) {
    return ShapeOps.pad(this, low, high, Scalars.beside("pad", this, value));
  }

  /**
   * Returns the tensor with its elements moved by {@code shift} along an axis; those that leave it
   * at one end come in at the other.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   */
  public final Tensor roll(long shift, int axis) {
    return ShapeOps.roll(this, shift, axis);
  }

  /**
   * Returns the tensor rolled along several axes, by {@code shifts[i]} along {@code axes[i]}.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range, or if there is not one
   *     shift an axis
   */
  public final Tensor roll(long[] shifts, int[] axes) {
    return ShapeOps.roll(this, shifts, axes);
  }

  /**
   * Returns the diagonal of a matrix, or the matrix with a vector as its diagonal.
   *
   * @throws dev.lockstep.error.ShapeException if this is neither a matrix nor a vector
   */
  public final Tensor diag() {
    return MatrixOps.diag(this, 0);
  }

  /** The same with the diagonal that stands {@code offset} above the main one. */
  public final Tensor diag(long offset) {
    return MatrixOps.diag(this, offset);
  }

  /**
   * Returns the lower triangle of the last two axes, zeros above the diagonal {@code offset}; 0 is
   * the main one, positive ones stand above it.
   *
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor tril(long offset) {
    return MatrixOps.tril(this, offset);
  }

  /**
   * Returns the upper triangle of the last two axes, zeros below the diagonal {@code offset}; 0 is
   * the main one, positive ones stand above it.
   *
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor triu(long offset) {
    return MatrixOps.triu(this, offset);
  }

  /**
   * Returns the Einstein sum, for example {@code einsum("bij,bjk->bik", x, y)}: products of the
   * operands' elements, summed over the labels that the result has not got. An ellipsis stands for
   * the axes that have no label, which broadcast. Of several operands those two are contracted
   * first that take the fewest multiplications.
   *
   * @throws dev.lockstep.error.ShapeException if the labels do not fit the operands
   */
  public static Tensor einsum(String spec, Tensor... operands) {
    return Einsum.apply(spec, operands);
  }

  /**
   * Returns the tensors joined along an existing axis; dtypes promote.
   *
   * @throws dev.lockstep.error.ShapeException if shapes differ on other axes
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   */
  public static Tensor concatenate(int axis, Tensor... tensors) {
    return ShapeOps.concatenate(axis, tensors);
  }

  /**
   * Returns the tensors, which have one shape, side by side along a new axis; dtypes promote.
   *
   * @throws dev.lockstep.error.ShapeException if shapes differ
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   */
  public static Tensor stack(int axis, Tensor... tensors) {
    return ShapeOps.stack(axis, tensors);
  }

  /**
   * Returns a tensor that counts 0, 1, 2 … along one axis: {@code x[..., i, ...] = i}.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   */
  public static Tensor iota(DType dtype, int axis, long... extents) {
    return ShapeOps.iota(dtype, axis, extents);
  }

  /** Returns x limited to {@code [low, high]}, elementwise; NaN stays NaN. */
  public final Tensor clip(double low, double high) {
    return CompositeOps.clip(this, low, high);
  }

  /** Returns x limited to {@code [low, high]}, elementwise. */
  public final Tensor clip(long low, long high) {
    return CompositeOps.clip(this, low, high);
  }

  /**
   * Returns x limited to {@code [low, high]}, elementwise; NaN stays NaN.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor clip(Tensor low, Tensor high) {
    return CompositeOps.clip(this, low, high);
  }

  /**
   * Returns the largest whole number that is not above {@code x / y}, elementwise, in the promoted
   * dtype.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if both are bool
   */
  public final Tensor floorDiv(Tensor y) {
    return CompositeOps.floorDiv(this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor floorDiv(double y) {
    return floorDiv(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor floorDiv(long y) {
    return floorDiv(Scalars.beside("floorDiv", this, y));
  }

  /**
   * Returns the remainder of {@code x / y} with the sign of y, as NumPy's {@code %}, elementwise.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   * @throws dev.lockstep.error.DTypeException if both are bool
   */
  public final Tensor floorMod(Tensor y) {
    return CompositeOps.floorMod(this, y);
  }

  /** The same with a scalar, which leaves a floating dtype as it is and makes others f64. */
  public final Tensor floorMod(double y) {
    return floorMod(Scalars.beside(this, y));
  }

  /** The same with a scalar, which leaves every dtype but bool as it is. */
  public final Tensor floorMod(long y) {
    return floorMod(Scalars.beside("floorMod", this, y));
  }

  /**
   * Returns {@code log(e^x + e^y)} without overflow, elementwise.
   *
   * @throws dev.lockstep.error.ShapeException if the shapes do not broadcast
   */
  public final Tensor logAddExp(Tensor y) {
    return CompositeOps.logAddExp(this, y);
  }

  /** Returns {@code max(x, 0)}, of bools as i64; its derivative at 0 is 0. */
  public final Tensor relu() {
    return CompositeOps.relu(this);
  }

  /** Returns {@code x Phi(x)}, with the exact distribution function of the standard normal. */
  public final Tensor gelu() {
    return CompositeOps.gelu(this);
  }

  /** Returns {@code x sigmoid(x)}. */
  public final Tensor silu() {
    return CompositeOps.silu(this);
  }

  /** Returns {@code log(1 + e^x)} without overflow. */
  public final Tensor softplus() {
    return CompositeOps.softplus(this);
  }

  /**
   * Returns the variance {@code mean((x - mean(x))^2)} over these axes, over all if none is given.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor var(int... axes) {
    return CompositeOps.var(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor varKeepDims(int... axes) {
    return CompositeOps.var(this, true, axes);
  }

  /**
   * Returns the standard deviation, the root of {@link #var}, over these axes, over all if none is
   * given.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor std(int... axes) {
    return CompositeOps.std(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor stdKeepDims(int... axes) {
    return CompositeOps.std(this, true, axes);
  }

  /**
   * Returns the 2-norm {@code sqrt(sum(x^2))} over these axes, over all if none is given.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor norm(int... axes) {
    return CompositeOps.norm(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor normKeepDims(int... axes) {
    return CompositeOps.norm(this, true, axes);
  }

  /**
   * Returns {@code log(sum(e^x))} without overflow over these axes, over all if none is given; -inf
   * if there are no elements along them.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor logSumExp(int... axes) {
    return CompositeOps.logSumExp(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor logSumExpKeepDims(int... axes) {
    return CompositeOps.logSumExp(this, true, axes);
  }

  /**
   * Returns {@code e^x / sum(e^x)} along an axis, without overflow.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor softmax(int axis) {
    return CompositeOps.softmax(this, axis);
  }

  /**
   * Returns {@code x - log(sum(e^x))} along an axis, without overflow.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor logSoftmax(int axis) {
    return CompositeOps.logSoftmax(this, axis);
  }

  /**
   * Returns the running sums along an axis: {@code y[i] = x[0] + … + x[i]}; of bools as i64.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor cumSum(int axis) {
    return RunningOps.sum("cumSum", this, axis, false);
  }

  /** The same from the end: each element is combined with all after it. */
  public final Tensor cumSumReverse(int axis) {
    return RunningOps.sum("cumSumReverse", this, axis, true);
  }

  /**
   * Returns the running products along an axis: {@code y[i] = x[0] * … * x[i]}; of bools as i64.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor cumProd(int axis) {
    return RunningOps.prod("cumProd", this, axis, false);
  }

  /** The same from the end: each element is combined with all after it. */
  public final Tensor cumProdReverse(int axis) {
    return RunningOps.prod("cumProdReverse", this, axis, true);
  }

  /**
   * Returns the largest element so far along an axis; NaN from the first NaN on.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor cumMax(int axis) {
    return RunningOps.max("cumMax", this, axis, false);
  }

  /** The same from the end: each element is combined with all after it. */
  public final Tensor cumMaxReverse(int axis) {
    return RunningOps.max("cumMaxReverse", this, axis, true);
  }

  /**
   * Returns the smallest element so far along an axis; NaN from the first NaN on.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor cumMin(int axis) {
    return RunningOps.min("cumMin", this, axis, false);
  }

  /** The same from the end: each element is combined with all after it. */
  public final Tensor cumMinReverse(int axis) {
    return RunningOps.min("cumMinReverse", this, axis, true);
  }

  /**
   * Returns {@code log(e^x[0] + … + e^x[i])} along an axis, without overflow.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor cumLogSumExp(int axis) {
    return RunningOps.logSumExp("cumLogSumExp", this, axis, false);
  }

  /** The same from the end: each element is combined with all after it. */
  public final Tensor cumLogSumExpReverse(int axis) {
    return RunningOps.logSumExp("cumLogSumExpReverse", this, axis, true);
  }

  /**
   * Returns as i32 where the largest element stands along an axis, the first one of equals; NaN
   * counts as the largest.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if it has extent 0, or if this is a scalar
   */
  public final Tensor argMax(int axis) {
    return OrderingOps.argMax("argMax", this, axis, false);
  }

  /**
   * Returns as i32 where the largest element stands in row-major order.
   *
   * @throws dev.lockstep.error.ShapeException if there are no elements
   */
  public final Tensor argMax() {
    return OrderingOps.argMax(this);
  }

  /** The same, with extent 1 in place of the axis, so that the result broadcasts with x. */
  public final Tensor argMaxKeepDims(int axis) {
    return OrderingOps.argMax("argMaxKeepDims", this, axis, true);
  }

  /**
   * Returns as i32 where the smallest element stands along an axis, the first one of equals; NaN
   * counts as the smallest.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if it has extent 0, or if this is a scalar
   */
  public final Tensor argMin(int axis) {
    return OrderingOps.argMin("argMin", this, axis, false);
  }

  /**
   * Returns as i32 where the smallest element stands in row-major order.
   *
   * @throws dev.lockstep.error.ShapeException if there are no elements
   */
  public final Tensor argMin() {
    return OrderingOps.argMin(this);
  }

  /** The same, with extent 1 in place of the axis, so that the result broadcasts with x. */
  public final Tensor argMinKeepDims(int axis) {
    return OrderingOps.argMin("argMinKeepDims", this, axis, true);
  }

  /**
   * Returns the elements in ascending order along an axis, NaN last. Equal ones keep their order.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor sort(int axis) {
    return OrderingOps.sort("sort", this, axis, false);
  }

  /** The same in descending order, NaN first. */
  public final Tensor sortDescending(int axis) {
    return OrderingOps.sort("sortDescending", this, axis, true);
  }

  /**
   * Returns as i32 the positions along an axis that its elements have in ascending order: {@code
   * x.takeAlongAxis(x.argSort(axis), axis)} is sorted.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if this is a scalar
   */
  public final Tensor argSort(int axis) {
    return OrderingOps.argSort("argSort", this, axis, false);
  }

  /** The same in descending order, NaN first; equal elements keep their order here too. */
  public final Tensor argSortDescending(int axis) {
    return OrderingOps.argSort("argSortDescending", this, axis, true);
  }

  /**
   * Returns the k largest elements along an axis, largest first, and where they stood; of equal
   * elements the first ones.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if k is negative or larger than the axis
   */
  public final TopK topK(long k, int axis) {
    return OrderingOps.topK(this, k, axis);
  }

  /**
   * Returns the median over these axes, over all if none is given: the mean of the two in the
   * middle of an even number; NaN if one is.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   * @throws dev.lockstep.error.ShapeException if there are no elements along the axes
   */
  public final Tensor median(int... axes) {
    return Quantiles.median(this, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor medianKeepDims(int... axes) {
    return Quantiles.median(this, true, axes);
  }

  /**
   * Returns the quantile over these axes, over all if none is given: what stands at {@code q (n -
   * 1)} in ascending order, interpolated linearly; NaN if one element is.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   * @throws dev.lockstep.error.ShapeException if there are no elements along the axes
   * @throws dev.lockstep.error.ShapeException unless {@code 0 <= q <= 1}
   */
  public final Tensor quantile(double q, int... axes) {
    return Quantiles.quantile("quantile", this, q, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor quantileKeepDims(double q, int... axes) {
    return Quantiles.quantile("quantileKeepDims", this, q, true, axes);
  }

  /**
   * Returns the quantiles for each element of {@code q}, whose axes come first: {@code y[i…, …] =
   * x.quantile(q[i…], axes)}. Differentiable in both. Inside a transform, where the values of q are
   * unknown, those out of [0, 1] count as 0 and 1.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   * @throws dev.lockstep.error.ShapeException if there are no elements along the axes
   * @throws dev.lockstep.error.ShapeException if an element of q is known not to be in [0, 1]
   */
  public final Tensor quantile(Tensor q, int... axes) {
    return Quantiles.quantile("quantile", this, q, false, axes);
  }

  /** The same, with extent 1 in place of the axes. */
  public final Tensor quantileKeepDims(Tensor q, int... axes) {
    return Quantiles.quantile("quantileKeepDims", this, q, true, axes);
  }

  /**
   * Returns as i32, for each value, how many elements of this ascending vector are smaller: the
   * first place where it can be inserted.
   *
   * @throws dev.lockstep.error.ShapeException if this is no vector
   * @throws dev.lockstep.error.DTypeException if both are bool
   */
  public final Tensor searchSorted(Tensor values) {
    return OrderingOps.searchSorted("searchSorted", this, values, false);
  }

  /** The same, counting equal elements too: the last place where a value can be inserted. */
  public final Tensor searchSortedRight(Tensor values) {
    return OrderingOps.searchSorted("searchSortedRight", this, values, true);
  }

  /**
   * Returns the elements that the indices select, as NumPy's {@code x[…]}: {@code x.get(at(0),
   * range(1, 4), ellipsis(), of(columns))}; see {@link Index}. Axes that no index names are taken
   * whole. Inside a transform, positions in index tensors that are out of range count as the
   * nearest ones.
   *
   * @throws dev.lockstep.error.IndexException if an index is out of range, or if there are more
   *     than axes
   * @throws dev.lockstep.error.DTypeException if an index tensor is not of integers
   * @throws dev.lockstep.error.ShapeException if index tensors do not broadcast
   */
  public final Tensor get(Index... indices) {
    return IndexingOps.get(this, indices);
  }

  /**
   * Returns the places that the indices select, for a tensor that differs there: {@code
   * x.at(range(0, 2)).set(1)}. A bool tensor alone selects where it is true; see {@link Index#of}.
   */
  public final Updates at(Index... indices) {
    return new Updates(this, indices);
  }

  /** The same for one position on axis 0. */
  public final Updates at(long index) {
    return at(Index.at(index));
  }

  /**
   * The same for the positions on axis 0 that an integer tensor names, or where a bool tensor is
   * true.
   */
  public final Updates at(Tensor index) {
    return at(Index.of(index));
  }

  /**
   * Returns the entries along an axis at these indices: the indices' axes stand in its place.
   * Negative ones count from the end. Indices out of range are an error where their values are
   * known; inside a transform they count as the nearest ones.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.IndexException if an index is known to be out of range
   * @throws dev.lockstep.error.DTypeException if the indices are no integers
   */
  public final Tensor take(Tensor indices, int axis) {
    return IndexingOps.take("take", this, indices, axis);
  }

  /**
   * Returns {@code y[…, i, …] = x[…, indices[…, i, …], …]}: one index for each element of the
   * result. The other axes broadcast. Indices out of range are as in {@link #take}.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.IndexException if an index is known to be out of range
   * @throws dev.lockstep.error.ShapeException if the other axes do not broadcast
   */
  public final Tensor takeAlongAxis(Tensor indices, int axis) {
    return IndexingOps.takeAlongAxis(this, indices, axis);
  }

  /**
   * Returns {@code y[i…] = x[indices0[i…], indices1[i…], …]} of index tensors for the first axes,
   * which broadcast. Indices out of range are as in {@link #take}.
   *
   * @throws dev.lockstep.error.IndexException if an index is known to be out of range
   * @throws dev.lockstep.error.ShapeException if the index tensors do not broadcast
   */
  public final Tensor gather(Tensor... indices) {
    return IndexingOps.gather(this, indices);
  }

  /**
   * Returns the tensor with the updates added to its entries along axis 0 at these indices, all of
   * those with equal indices: {@code x.at(indices).add(updates)}.
   *
   * @throws dev.lockstep.error.IndexException if an index is known to be out of range
   * @throws dev.lockstep.error.ShapeException if the updates do not broadcast to what is selected
   * @throws dev.lockstep.error.DTypeException if the updates do not fit in this dtype
   */
  public final Tensor scatterAdd(Tensor indices, Tensor updates) {
    return UpdateOps.scatterAdd(this, indices, updates);
  }

  /**
   * Returns the sums of the entries with each id of 0 to n - 1: {@code y[k, …] = sum over ids[i] =
   * k of x[i, …]}; 0 where there is none. Entries with another id belong to no segment and are left
   * out, as -1 for padding. Bools sum as i64.
   *
   * @throws dev.lockstep.error.ShapeException if there is not one id an entry
   */
  public final Tensor segmentSum(Tensor ids, long n) {
    return UpdateOps.segmentSum(this, ids, n);
  }

  /** The products in place of the sums; 1 where there is no entry. */
  public final Tensor segmentProd(Tensor ids, long n) {
    return UpdateOps.segmentProd(this, ids, n);
  }

  /**
   * The largest entries in place of the sums; the dtype's lowest value, -inf, where there is none.
   */
  public final Tensor segmentMax(Tensor ids, long n) {
    return UpdateOps.segmentMax(this, ids, n);
  }

  /**
   * The smallest entries in place of the sums; the dtype's highest value, inf, where there is none.
   */
  public final Tensor segmentMin(Tensor ids, long n) {
    return UpdateOps.segmentMin(this, ids, n);
  }

  /**
   * Returns a block of these extents that begins at {@code starts}, a vector of integers, one an
   * axis. Negative ones count from the end; then a start from which the block would leave the
   * tensor is moved to the nearest from which it does not.
   *
   * @throws dev.lockstep.error.ShapeException if starts has not one element an axis, or if the
   *     block is larger than the tensor
   * @throws dev.lockstep.error.DTypeException if the starts are no integers
   */
  public final Tensor dynamicSlice(Tensor starts, long[] sizes) {
    return IndexingOps.dynamicSlice(this, starts, sizes);
  }

  /**
   * Returns {@code size} entries along an axis from {@code start} on, a scalar, which is moved as
   * in {@link #dynamicSlice}.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if the start is no scalar, or if the size is larger
   *     than the axis
   * @throws dev.lockstep.error.DTypeException if the start is no integer
   */
  public final Tensor dynamicSliceAlong(Tensor start, long size, int axis) {
    return IndexingOps.dynamicSliceAlong(this, start, size, axis);
  }

  /**
   * Returns the tensor with a block replaced by {@code update}, from {@code starts} on, which are
   * moved as in {@link #dynamicSlice}.
   *
   * @throws dev.lockstep.error.ShapeException if starts has not one element an axis, or if the
   *     block is larger than the tensor
   * @throws dev.lockstep.error.DTypeException if the starts are no integers
   */
  public final Tensor dynamicUpdateSlice(Tensor update, Tensor starts) {
    return IndexingOps.dynamicUpdateSlice(this, update, starts);
  }

  /**
   * Returns {@code y[…, k] = 1} where the integer is k, else 0, for k below {@code count}; zeros
   * for an integer out of range.
   *
   * @throws dev.lockstep.error.DTypeException if this is not of integers
   * @throws dev.lockstep.error.ShapeException if the count is negative
   */
  public final Tensor oneHot(long count, DType dtype) {
    return IndexingOps.oneHot(this, count, dtype, rank());
  }

  /**
   * The same with the ones along {@code axis} of the result.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   */
  public final Tensor oneHot(long count, DType dtype, int axis) {
    return IndexingOps.oneHot(this, count, dtype, axis);
  }

  /**
   * Returns {@code z[…, …] = sum over k of x[…, k] * y[…, k]}, over the last axes; with a scalar
   * the product.
   *
   * @throws dev.lockstep.error.ShapeException if the last axes differ
   */
  public final Tensor inner(Tensor y) {
    return ContractionOps.inner(this, y);
  }

  /**
   * Returns the sum of the products of the elements in row-major order.
   *
   * @throws dev.lockstep.error.ShapeException if the sizes differ
   */
  public final Tensor vdot(Tensor y) {
    return ContractionOps.vdot(this, y);
  }

  /**
   * Returns Kronecker's product: {@code z[i p + k, j q + l] = x[i, j] * y[k, l]} for {@code y[p,
   * q]}; likewise of other ranks, to the smaller of which axes of extent 1 are prepended.
   */
  public final Tensor kron(Tensor y) {
    return ContractionOps.kron(this, y);
  }

  /**
   * Returns the diagonals of the last two axes: {@code y[…, i] = x[…, i, i]}. NumPy takes those of
   * the first two unless told otherwise; they are {@code diagonal(0, 0, 1)}.
   *
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor diagonal() {
    return MatrixOps.diagonal("diagonal", this);
  }

  /**
   * Returns the diagonals of two axes, {@code offset} above the main ones, as the last axis: {@code
   * y[…, i] = x[…, i, …, i + offset, …]}.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range, or if they are the same
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor diagonal(long offset, int axis1, int axis2) {
    return MatrixOps.diagonal("diagonal", this, offset, axis1, axis2);
  }

  /**
   * Returns the sums of the diagonals of the last two axes; of integers as i64.
   *
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor trace() {
    return MatrixOps.trace(this);
  }

  /**
   * Returns the sums of the {@link #diagonal(long, int, int)}; of integers as i64.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range, or if they are the same
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor trace(long offset, int axis1, int axis2) {
    return MatrixOps.trace(this, offset, axis1, axis2);
  }

  /**
   * Returns the tensor repeated as a whole along each axis, {@code counts} times; missing counts in
   * front are 1, and missing axes are prepended.
   *
   * @throws dev.lockstep.error.ShapeException if a count is negative
   */
  public final Tensor tile(long... counts) {
    return ArrangementOps.tile(this, counts);
  }

  /**
   * Returns the tensor with each entry along an axis repeated {@code count} times, next to itself.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if the count is negative
   */
  public final Tensor repeat(long count, int axis) {
    return ArrangementOps.repeat(this, count, axis);
  }

  /**
   * Returns the tensor with entry i along an axis repeated {@code counts[i]} times.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if a count is negative, or if there is not one an
   *     entry
   */
  public final Tensor repeat(long[] counts, int axis) {
    return ArrangementOps.repeat(this, counts, axis);
  }

  /**
   * Returns equal parts along an axis.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if it does not divide into so many
   */
  public final List<Tensor> split(int parts, int axis) {
    return ArrangementOps.split(this, parts, axis);
  }

  /**
   * Returns the parts along an axis between these positions, one more than positions are given.
   *
   * @throws dev.lockstep.error.AxisException if the axis is out of range
   * @throws dev.lockstep.error.ShapeException if the positions do not ascend within the axis
   */
  public final List<Tensor> splitAt(long[] positions, int axis) {
    return ArrangementOps.splitAt("splitAt", this, positions, axis);
  }

  /**
   * Returns the tensor turned in the plane of its first two axes by {@code times} quarter turns,
   * from the first axis towards the second backwards: as NumPy's rot90.
   *
   * @throws dev.lockstep.error.ShapeException if there are fewer than two axes
   */
  public final Tensor rot90(int times) {
    return ArrangementOps.rot90(this, times);
  }

  /**
   * Returns the tensor with {@code low} elements before and {@code high} behind on each axis, taken
   * from the tensor itself.
   *
   * @throws dev.lockstep.error.ShapeException if a width is negative or one is missing, or if an
   *     axis is empty
   */
  public final Tensor pad(long[] low, long[] high, PadMode mode) {
    return ArrangementOps.pad(this, low, high, mode);
  }

  /**
   * Returns for each vector a tensor that repeats it over the grid of all of them; the first vector
   * runs along axis 1 and the second along axis 0, as in NumPy.
   *
   * @throws dev.lockstep.error.ShapeException if one is no vector
   */
  public static List<Tensor> meshgrid(Tensor... vectors) {
    return ArrangementOps.meshgrid("meshgrid", true, vectors);
  }

  /** The same with vector i along axis i: NumPy's {@code indexing="ij"}. */
  public static List<Tensor> meshgridIj(Tensor... vectors) {
    return ArrangementOps.meshgrid("meshgridIj", false, vectors);
  }

  /** Returns x with 0 for NaN and the dtype's largest and lowest finite values for inf and -inf. */
  public final Tensor nanToNum() {
    return CompositeOps.nanToNum(this);
  }

  /**
   * Returns {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}, an approximation of {@link
   * #gelu} (Hendrycks and Gimpel, 2016).
   */
  public final Tensor geluTanh() {
    return CompositeOps.geluTanh(this);
  }

  /** Returns x where it is positive, else {@code alpha (e^x - 1)}. */
  public final Tensor elu(double alpha) {
    return CompositeOps.elu(this, alpha);
  }

  /** Returns x where it is not negative, else {@code slope x}. */
  public final Tensor leakyRelu(double slope) {
    return CompositeOps.leakyRelu(this, slope);
  }

  /**
   * Returns the variance with {@code n - ddof} in place of n: {@code sum((x - mean(x))^2) / (n -
   * ddof)} over these axes, over all if none is given; NaN unless {@code n > ddof}.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor varDdof(long ddof, int... axes) {
    return CompositeOps.varDdof("varDdof", this, ddof, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor varDdofKeepDims(long ddof, int... axes) {
    return CompositeOps.varDdof("varDdofKeepDims", this, ddof, true, axes);
  }

  /**
   * Returns the standard deviation with {@code n - ddof} in place of n, the root of {@link
   * #varDdof}.
   *
   * @throws dev.lockstep.error.AxisException if an axis is out of range or given twice
   */
  public final Tensor stdDdof(long ddof, int... axes) {
    return CompositeOps.stdDdof("stdDdof", this, ddof, false, axes);
  }

  /** The same, with extent 1 in place of the axes, so that the result broadcasts with x. */
  public final Tensor stdDdofKeepDims(long ddof, int... axes) {
    return CompositeOps.stdDdof("stdDdofKeepDims", this, ddof, true, axes);
  }
}
