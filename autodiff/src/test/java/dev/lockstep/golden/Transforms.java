package dev.lockstep.golden;

import static dev.lockstep.Axes.None.NONE;
import static dev.lockstep.Lockstep.checkpoint;
import static dev.lockstep.Lockstep.grad;
import static dev.lockstep.Lockstep.hessian;
import static dev.lockstep.Lockstep.in;
import static dev.lockstep.Lockstep.jacfwd;
import static dev.lockstep.Lockstep.jacrev;
import static dev.lockstep.Lockstep.jit;
import static dev.lockstep.Lockstep.jvp;
import static dev.lockstep.Lockstep.linearize;
import static dev.lockstep.Lockstep.out;
import static dev.lockstep.Lockstep.vjp;
import static dev.lockstep.Lockstep.vmap;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.Jvp;
import dev.lockstep.Linearized;
import dev.lockstep.tensor.Fn;
import dev.lockstep.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Applies the transforms of golden files to functions from a list of tensors to a list of tensors.
 */
final class Transforms {
  /** The transforms that Lockstep has; {@link #apply} knows exactly these. */
  static final Set<String> NAMES =
      Set.of(
          "vmap",
          "grad",
          "jacfwd",
          "jacrev",
          "hessian",
          "jvp",
          "linearize",
          "vjp",
          "jit",
          "checkpoint");

  private Transforms() {}

  static Fn<List<Tensor>, List<Tensor>> apply(
      JsonNode transform, Fn<List<Tensor>, List<Tensor>> f) {
    String name = transform.fieldNames().next();
    JsonNode parameters = transform.get(name);
    return switch (name) {
      case "vmap" ->
          vmap(
              f,
              in(axes(parameters.required("in_axes"))),
              out(parameters.path("out_axes").asInt(0)));
      case "grad" -> withRespectTo(parameters, f, g -> grad(g));
      case "jacfwd" -> withRespectTo(parameters, f, g -> jacfwd(g));
      case "jacrev" -> withRespectTo(parameters, f, g -> jacrev(g));
      case "hessian" -> withRespectTo(parameters, f, g -> hessian(g));
      case "jvp" -> pushForward(parameters, f);
      case "linearize" -> linearized(parameters, f);
      case "vjp" ->
          arguments -> {
            int last = arguments.size() - 1;
            return vjp(f, arguments.subList(0, last))
                .pullback()
                .apply(List.of(arguments.get(last)));
          };
      case "jit" -> jit(f);
      case "checkpoint" -> checkpoint(f);
      default -> throw new IllegalArgumentException("no transform is called " + name);
    };
  }

  private static List<Object> axes(JsonNode list) {
    List<Object> axes = new ArrayList<>();
    list.forEach(axis -> axes.add(axis.isNull() ? NONE : axis.intValue()));
    return axes;
  }

  /** Transforms a function of one argument; the others are what it closes over. */
  private static Fn<List<Tensor>, List<Tensor>> withRespectTo(
      JsonNode parameters,
      Fn<List<Tensor>, List<Tensor>> f,
      UnaryOperator<Fn<Tensor, Tensor>> transform) {
    int argument = parameters.required("argnums").intValue();
    return arguments -> {
      Fn<Tensor, Tensor> single =
          x -> {
            List<Tensor> replaced = new ArrayList<>(arguments);
            replaced.set(argument, x);
            return f.apply(replaced).getFirst();
          };
      return List.of(transform.apply(single).apply(arguments.get(argument)));
    };
  }

  private static Fn<List<Tensor>, List<Tensor>> pushForward(
      JsonNode parameters, Fn<List<Tensor>, List<Tensor>> f) {
    int n = parameters.required("n").intValue();
    return arguments -> {
      Jvp<List<Tensor>> result =
          jvp(f, arguments.subList(0, n), arguments.subList(n, arguments.size()));
      return concatenated(result.value(), result.tangent());
    };
  }

  private static Fn<List<Tensor>, List<Tensor>> linearized(
      JsonNode parameters, Fn<List<Tensor>, List<Tensor>> f) {
    int n = parameters.required("n").intValue();
    return arguments -> {
      Linearized<List<Tensor>, Fn<List<Tensor>, List<Tensor>>> result =
          linearize(f, arguments.subList(0, n));
      return concatenated(
          result.value(), result.linear().apply(arguments.subList(n, arguments.size())));
    };
  }

  private static List<Tensor> concatenated(List<Tensor> first, List<Tensor> second) {
    List<Tensor> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }
}
