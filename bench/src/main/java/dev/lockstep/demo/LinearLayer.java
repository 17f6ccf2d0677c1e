package dev.lockstep.demo;

import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vmap;

import dev.lockstep.tensor.Fn2;
import dev.lockstep.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Jacobian of a linear layer X W with respect to W, X of n examples and p inputs, W with o
 * outputs, in five ways. Each output depends on one column of W only, so all ways sum the Jacobian
 * over the outputs: the result has shape (n, p, o).
 */
public final class LinearLayer {
  /** The ways by name, all functions of W and X. */
  public static final Map<String, Fn2<Tensor, Tensor, Tensor>> JACOBIANS =
      Collections.unmodifiableMap(jacobians());

  private LinearLayer() {}

  private static Tensor forward(Tensor weights, Tensor x) {
    return x.matmul(weights);
  }

  private static Map<String, Fn2<Tensor, Tensor, Tensor>> jacobians() {
    Map<String, Fn2<Tensor, Tensor, Tensor>> ways = new LinkedHashMap<>();
    ways.put("jacfwd", (w, x) -> jacfwd(LinearLayer::forward).apply(w, x).sum(1));
    ways.put("vmap(grad)", LinearLayer::gradientOfEachOutput);
    ways.put(
        "vmap(jacfwd)",
        (w, x) -> vmap((Tensor xi) -> jacfwd(LinearLayer::forward).apply(w, xi)).apply(x).sum(1));
    ways.put("jacrev", (w, x) -> jacrev(LinearLayer::forward).apply(w, x).sum(1));
    ways.put(
        "vmap(jacrev)",
        (w, x) -> vmap((Tensor xi) -> jacrev(LinearLayer::forward).apply(w, xi)).apply(x).sum(1));
    return ways;
  }

  /** Differentiates one output of one example with respect to its column of W, mapped over both. */
  private static Tensor gradientOfEachOutput(Tensor weights, Tensor x) {
    return vmap((Tensor example) ->
            vmap(
                    (Tensor column) -> grad(LinearLayer::forward).apply(column, example),
                    in(-1),
                    out(-1))
                .apply(weights))
        .apply(x);
  }
}
