package dev.lockstep.tensor;

import dev.lockstep.error.DTypeException;
import dev.lockstep.error.ShapeException;
import java.util.Arrays;
import java.util.List;

/**
 * The parameters of a draw.
 *
 * @param dtype the floating one of the parameters
 * @param shape of the draw, which all parameters broadcast to
 */
record Parameters(List<Tensor> tensors, DType dtype, Shape shape) {
  /** Checks parameters of single numbers. */
  static Parameters of(String op, long[] shape, Tensor... parameters) {
    DType dtype = dtype(op, parameters);
    return new Parameters(List.of(parameters), dtype, shape(op, shape, parameters));
  }

  /** Checks a parameter whose last axis belongs to each draw. */
  static Parameters ofRows(String op, long[] shape, Tensor rows) {
    if (rows.rank() == 0 || rows.shape().extent(rows.rank() - 1) == 0) {
      throw new ShapeException(
          "%s: expected a last axis of at least one element, got %s".formatted(op, rows.type()));
    }
    return of(op, shape.length == 0 ? shape : rows(shape, rows.shape()), rows);
  }

  /**
   * Checks a mean and a covariance. To be called while a trace is current.
   *
   * @param given the draw's shape without its vectors' axis
   */
  static Parameters ofVectors(String op, long[] given, Tensor mean, Tensor covariance) {
    Shape square = covariance.shape();
    int rank = square.rank();
    int last = mean.rank() - 1;
    if (last < 0
        || rank < 2
        || square.extent(rank - 1) != mean.shape().extent(last)
        || square.extent(rank - 2) != mean.shape().extent(last)) {
      throw new ShapeException(
          "%s: expected a mean […, n] and a covariance […, n, n], got %s and %s"
              .formatted(op, mean.type(), covariance.type()));
    }
    DType dtype = dtype(op, mean, covariance);
    Shape batch = MatrixChecks.batch(op, mean.expandDims(-1), covariance);
    Shape own = batch.insert(batch.rank(), mean.shape().extent(last));
    Shape shape = shape(op, given.length == 0 ? given : rows(given, own), own);
    return new Parameters(List.of(mean, covariance), dtype, shape);
  }

  /** Returns the shape of draws that are rows. */
  private static long[] rows(long[] given, Shape own) {
    long[] shape = Arrays.copyOf(given, given.length + 1);
    shape[given.length] = own.extent(own.rank() - 1);
    return shape;
  }

  /** Returns the shape of a draw: the given one, else that of the parameters. */
  static Shape shape(String op, long[] given, Tensor... parameters) {
    return shape(op, given, Broadcasting.shape(op, parameters));
  }

  private static Shape shape(String op, long[] given, Shape own) {
    if (given.length == 0) {
      return own;
    }
    Shape shape = Shape.of(op, given);
    int missing = shape.rank() - own.rank();
    boolean fits = missing >= 0;
    for (int axis = 0; fits && axis < own.rank(); axis++) {
      fits = own.extent(axis) == 1 || own.extent(axis) == shape.extent(missing + axis);
    }
    if (!fits) {
      throw new ShapeException(
          ("%s: the parameters' shape %s does not broadcast to the draw's, %s. Put the draws first:"
                  + " %s")
              .formatted(op, own, shape, suggestion(own)));
    }
    return shape;
  }

  private static String suggestion(Shape own) {
    return own.rank() == 0 ? "[n]" : own.toString().replace("[", "[n, ");
  }

  private static DType dtype(String op, Tensor... parameters) {
    DType dtype = parameters[0].dtype();
    for (Tensor parameter : parameters) {
      dtype = DType.promote(dtype, parameter.dtype());
      if (!parameter.dtype().isFloating() || parameter.dtype() == DType.BF16) {
        throw new DTypeException(
            "%s: expected f32 or f64 parameters, got %s. Cast them: x.cast(DType.F32)"
                .formatted(op, parameter.type()));
      }
    }
    return dtype;
  }

  /** Returns a parameter in the draw's dtype. */
  Tensor get(int index) {
    return ElementwiseOps.convert(tensors.get(index), dtype);
  }

  /** Returns a parameter in the draw's dtype and shape. */
  Tensor full(int index) {
    return Broadcasting.to(get(index), shape);
  }

  /** Returns how many slices there are to choose from. */
  static int population(String op, Tensor x, Shape draws) {
    if (x.rank() == 0) {
      throw new ShapeException(
          "%s: expected slices along axis 0, got %s. Of n numbers: Tensor.arange(n)"
              .formatted(op, x.type()));
    }
    long n = x.shape().extent(0);
    if (n > Integer.MAX_VALUE || n == 0 && draws.size() > 0) {
      throw new ShapeException(
          "%s: expected 1 to 2^31 - 1 slices to choose from, got %s".formatted(op, x.type()));
    }
    return (int) n;
  }

  /** Returns the shape of draws that are all different. */
  static Shape drawn(String op, Tensor x, long... shape) {
    Shape draws = Shape.of(op, shape);
    int n = population(op, x, draws);
    if (draws.size() > n) {
      throw new ShapeException(
          "%s: there are %d slices in %s, too few for draws %s".formatted(op, n, x.type(), draws));
    }
    return draws;
  }

  static void requireWeights(String op, Tensor x, Tensor weights) {
    if (weights.rank() != 1 || weights.shape().extent(0) != x.shape().extent(0)) {
      throw new ShapeException(
          "%s: expected a vector of %d weights, one for each slice of %s, got %s"
              .formatted(op, x.shape().extent(0), x.type(), weights.type()));
    }
    if (!weights.dtype().isFloating() || weights.dtype() == DType.BF16) {
      throw new DTypeException(
          "%s: expected f32 or f64 weights, got %s. Cast them: weights.cast(DType.F32)"
              .formatted(op, weights.type()));
    }
  }
}
