package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Program;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Structural;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves an elementwise cluster into the one cluster that uses its values, although that is on a
 * higher level: computed where they are used, the values need no memory and no pass of their own.
 */
final class Sinking {
  private final Fusion fusion;
  private final Definitions definitions;

  /** By what is used; null stands for users that are no loops. */
  private final Map<Variable, Set<Cluster>> users = new HashMap<>();

  private Sinking(Program program, Fusion fusion) {
    this.fusion = fusion;
    this.definitions = new Definitions(program);
    for (Equation equation : program.equations()) {
      Cluster user = fusion.clusterOf(equation.outputs().getFirst());
      equation.inputs().forEach(input -> use(input, user));
    }
    program.outputs().forEach(output -> use(output, null));
  }

  static void apply(Program program, Fusion fusion) {
    new Sinking(program, fusion).run();
  }

  private void use(Variable variable, Cluster user) {
    users.computeIfAbsent(variable, _ -> new HashSet<>()).add(user);
  }

  private void run() {
    List<Cluster> latestFirst = new ArrayList<>(fusion.clusters());
    latestFirst.sort(Comparator.comparingInt((Cluster cluster) -> cluster.level).reversed());
    for (Cluster cluster : latestFirst) {
      Cluster user = onlyUser(cluster);
      if (user != null && user.takes(cluster) && keepsNoMoreMemory(cluster)) {
        user.merge(cluster);
      }
    }
  }

  private Cluster onlyUser(Cluster cluster) {
    Set<Cluster> others = new HashSet<>();
    for (Variable computed : cluster.computed) {
      for (Cluster user : users.getOrDefault(computed, Set.of())) {
        others.add(user == null ? null : user.resolve());
      }
    }
    others.remove(cluster);
    return others.size() == 1 ? others.iterator().next() : null;
  }

  /**
   * Returns whether at most one value has to be kept for the user in place of what becomes of it.
   * Inputs are kept anyway, and what is repeated is small.
   */
  private boolean keepsNoMoreMemory(Cluster cluster) {
    return cluster.members.values().stream()
            .flatMap(member -> member.inputs().stream())
            .filter(input -> !cluster.computed.contains(input))
            .map(this::source)
            .filter(source ->
                isComputed(source) && source.type().shape().size() >= cluster.shape.size())
            .distinct()
            .count()
        <= 1;
  }

  /** Returns what the variable is a view of. */
  private Variable source(Variable variable) {
    Variable source = variable;
    while (definitions.primitiveOf(source) instanceof Structural
        && definitions.operandsOf(source).size() == 1) {
      source = definitions.operandsOf(source).getFirst();
    }
    return source;
  }

  private boolean isComputed(Variable variable) {
    Equation equation = definitions.of(variable);
    return equation != null && !equation.inputs().isEmpty();
  }
}
