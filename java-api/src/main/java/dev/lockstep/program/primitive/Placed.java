package dev.lockstep.program.primitive;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Batched;
import dev.lockstep.program.Operand;
import dev.lockstep.program.Operand.Unknown;
import dev.lockstep.program.Trace;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Ops that write to, or read from, the places of affine maps: diagonals of any shape. */
public sealed interface Placed extends Structural.Rearrangement {

  /**
   * Puts the elements of its operands at their places among zeros: {@code y[places_k(d)] = x_k[d]}.
   * The unit vectors of a basis are ones on a diagonal; the compiler carries the operands of this
   * op through what follows instead of the zeros.
   *
   * @param shape the result's
   * @param places one injective map an operand; no two reach the same place
   */
  record Embed(Shape shape, List<AffineMap> places) implements Placed {
    /** Copies the list. */
    public Embed {
      places = List.copyOf(places);
    }

    /** One operand. */
    public Embed(Shape shape, AffineMap places) {
      this(shape, List.of(places));
    }

    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      boolean fits = !operands.isEmpty() && operands.size() == places.size();
      for (int i = 0; fits && i < operands.size(); i++) {
        Shape operand = operands.get(i).shape();
        fits =
            operands.get(i).dtype() == operands.getFirst().dtype()
                && places.get(i).fits(operand, shape)
                && places.get(i).isInjective(operand);
      }
      if (!fits) {
        throw new ShapeException(
            "embed: operands %s at places %s do not fit %s".formatted(operands, places, shape));
      }
      return List.of(operands.getFirst().with(shape));
    }

    /** Embeds the tangents; operands without one are left out. */
    @Override
    public List<Tensor> jvp(List<Tensor> operands, List<Tensor> tangents, List<Tensor> results) {
      List<Tensor> parts = new ArrayList<>();
      List<AffineMap> at = new ArrayList<>();
      for (int i = 0; i < tangents.size(); i++) {
        if (tangents.get(i) != null) {
          parts.add(tangents.get(i));
          at.add(places.get(i));
        }
      }
      return Rules.one(Trace.bind(new Embed(shape, at), parts.toArray(Tensor[]::new)));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Tensor[] parts = new Tensor[mapped.length];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = mapped[i] ? operands.get(i) : Rules.repeat(operands.get(i), size);
      }
      List<AffineMap> batched = places.stream().map(AffineMap::withFirst).toList();
      return Batched.of(Trace.bind(new Embed(shape.insert(0, size), batched), parts));
    }

    /** Reads each operand's cotangent at its places. */
    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      List<Tensor> result = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        Shape operand = operands.get(i).type().shape();
        result.add(
            operands.get(i) instanceof Unknown
                ? Trace.bind(new Diagonal(operand, places.get(i)), cotangents.getFirst())
                : null);
      }
      return result;
    }

    @Override
    public Structural.Source source(List<Shape> operands, long[] index) {
      return IntStream.range(0, operands.size())
          .mapToObj(i -> source(i, places.get(i).invert(operands.get(i), index)))
          .filter(source -> source.index() != null)
          .findFirst()
          .orElse(null);
    }

    private static Structural.Source source(int operand, long[] index) {
      return new Structural.Source(operand, index);
    }
  }

  /**
   * Reads elements from their places: {@code y[d] = x[places(d)]}.
   *
   * @param shape the result's
   * @param places an injective map to indices of the operand
   */
  record Diagonal(Shape shape, AffineMap places) implements Placed {
    @Override
    public List<TensorType> infer(List<TensorType> operands) {
      TensorType operand = operands.getFirst();
      if (!places.fits(shape, operand.shape()) || !places.isInjective(shape)) {
        throw new ShapeException(
            "diagonal: %s at places %s does not fit %s".formatted(operand, places, shape));
      }
      return List.of(operand.with(shape));
    }

    @Override
    public Batched batch(long size, List<Tensor> operands, boolean[] mapped) {
      Diagonal batched = new Diagonal(shape.insert(0, size), places.withFirst());
      return Batched.of(Trace.bind(batched, operands.getFirst()));
    }

    @Override
    public List<Tensor> transpose(List<Tensor> cotangents, List<Operand> operands) {
      Shape operand = operands.getFirst().type().shape();
      return Rules.one(Trace.bind(new Embed(operand, places), cotangents.getFirst()));
    }

    @Override
    public Structural.Source source(List<Shape> operands, long[] index) {
      return new Structural.Source(0, places.at(index));
    }
  }
}
