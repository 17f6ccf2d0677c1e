package dev.lockstep.autodiff;

import dev.lockstep.Cotangents;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Fn3;
import dev.lockstep.tensor.Fn4;
import dev.lockstep.tensor.Fn6;
import dev.lockstep.tensor.Fn8;

/**
 * Turns functions of a fixed number of typed arguments into functions of any number, and back. The
 * casts are unchecked: the door's signatures guarantee the types.
 */
@SuppressWarnings("unchecked")
public final class Arity {
  private Arity() {}

  public static <A, R> Variadic of(Fn<A, R> f) {
    return x -> f.apply((A) x[0]);
  }

  public static <A, B, R> Variadic of(Fn2<A, B, R> f) {
    return x -> f.apply((A) x[0], (B) x[1]);
  }

  public static <A, B, C, R> Variadic of(Fn3<A, B, C, R> f) {
    return x -> f.apply((A) x[0], (B) x[1], (C) x[2]);
  }

  public static <A, B, C, D, R> Variadic of(Fn4<A, B, C, D, R> f) {
    return x -> f.apply((A) x[0], (B) x[1], (C) x[2], (D) x[3]);
  }

  public static <A, B, C, D, E, F, R> Variadic of(Fn6<A, B, C, D, E, F, R> f) {
    return x -> f.apply((A) x[0], (B) x[1], (C) x[2], (D) x[3], (E) x[4], (F) x[5]);
  }

  public static <A, B, C, D, E, F, G, H, R> Variadic of(Fn8<A, B, C, D, E, F, G, H, R> f) {
    return x ->
        f.apply((A) x[0], (B) x[1], (C) x[2], (D) x[3], (E) x[4], (F) x[5], (G) x[6], (H) x[7]);
  }

  public static <A, R> Fn<A, R> one(Variadic f) {
    return a -> (R) f.apply(a);
  }

  public static <A, B, R> Fn2<A, B, R> two(Variadic f) {
    return (a, b) -> (R) f.apply(a, b);
  }

  public static <A, B, C, R> Fn3<A, B, C, R> three(Variadic f) {
    return (a, b, c) -> (R) f.apply(a, b, c);
  }

  public static <A, B, C, D, R> Fn4<A, B, C, D, R> four(Variadic f) {
    return (a, b, c, d) -> (R) f.apply(a, b, c, d);
  }

  /** Returns the cotangents of all arguments as a pullback gives them. */
  static Object cotangents(Object[] x) {
    return switch (x.length) {
      case 1 -> x[0];
      case 2 -> new Cotangents.Two<>(x[0], x[1]);
      case 3 -> new Cotangents.Three<>(x[0], x[1], x[2]);
      default -> new Cotangents.Four<>(x[0], x[1], x[2], x[3]);
    };
  }

  /** Returns what {@link #cotangents} put together. */
  static Object[] parts(Cotangents cotangents) {
    return switch (cotangents) {
      case Cotangents.Two<?, ?>(Object a, Object b) -> new Object[] {a, b};
      case Cotangents.Three<?, ?, ?>(Object a, Object b, Object c) -> new Object[] {a, b, c};
      case Cotangents.Four<?, ?, ?, ?>(Object a, Object b, Object c, Object d) ->
          new Object[] {a, b, c, d};
    };
  }
}
