package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Groups elementwise equations and reductions into clusters that become one loop each, and knows
 * the level at which each variable exists.
 */
final class Fusion {
  private final int[] levels;
  private final Cluster[] memberOf;
  private final Cluster[] loopOf;
  private final Variable[] sources;
  private final List<Cluster> clusters = new ArrayList<>();
  private final Map<Place, List<Cluster>> byPlace = new HashMap<>();

  private record Place(Shape shape, int level) {}

  Fusion(int variables) {
    levels = new int[variables];
    memberOf = new Cluster[variables];
    loopOf = new Cluster[variables];
    sources = new Variable[variables];
  }

  /** Returns the level after which the variable exists: 0 for inputs and constants. */
  int level(Variable variable) {
    return levels[variable.id()];
  }

  /** Returns the highest level of the variables. */
  int level(List<Variable> variables) {
    int level = 0;
    for (Variable variable : variables) {
      level = Math.max(level, level(variable));
    }
    return level;
  }

  void setLevel(Variable variable, int level) {
    levels[variable.id()] = level;
  }

  /** Returns the clusters in the order in which they began. */
  List<Cluster> clusters() {
    return clusters.stream().filter(cluster -> cluster.resolve() == cluster).toList();
  }

  /** Returns the cluster that computes the variable element by element, or null. */
  Cluster memberOf(Variable variable) {
    Cluster cluster = memberOf[variable.id()];
    return cluster == null ? null : cluster.resolve();
  }

  /**
   * Returns the cluster whose loop computes the variable, element by element or reduced, or null.
   */
  Cluster clusterOf(Variable variable) {
    Cluster cluster = loopOf[variable.id()];
    return cluster == null ? null : cluster.resolve();
  }

  /** Makes a conversion part of each loop that reads it: it exists where its operand does. */
  void read(Variable converted, Variable source) {
    sources[converted.id()] = source;
    levels[converted.id()] = level(source);
    memberOf[converted.id()] = memberOf(source);
  }

  /** Returns what is in memory or computed where loops read the variable: mostly itself. */
  Variable source(Variable variable) {
    Variable source = sources[variable.id()];
    return source == null ? variable : source;
  }

  /**
   * Puts an equation into the best cluster: its operands' if that can be, else a sibling's or a new
   * one.
   */
  void join(int position, Equation equation, Shape over) {
    int level = level(equation.inputs());
    Cluster home = producers(equation, over, level);
    if (home == null) {
      home = sibling(equation, over, level + 1);
    }
    home.add(position, equation);
    Variable result = equation.outputs().getFirst();
    setLevel(result, home.level);
    loopOf[result.id()] = home;
    if (equation.primitive() instanceof Elementwise) {
      memberOf[result.id()] = home;
    }
  }

  /**
   * Returns the one cluster that computes all operands of the highest level, merging several if
   * possible, or null.
   */
  private Cluster producers(Equation equation, Shape over, int level) {
    Cluster home = null;
    for (Variable input : equation.inputs()) {
      if (level(input) < level) {
        continue;
      }
      Cluster producer = memberOf(input);
      if (producer == null || !producer.accepts(equation, over)) {
        return null;
      }
      if (home == null) {
        home = producer;
      } else if (home != producer) {
        if (!home.canMerge(producer)) {
          return null;
        }
        home.merge(producer);
      }
    }
    return home != null && home.accepts(equation, over) ? home : null;
  }

  private Cluster sibling(Equation equation, Shape over, int level) {
    List<Cluster> candidates =
        byPlace.computeIfAbsent(new Place(over, level), _ -> new ArrayList<>());
    for (Cluster candidate : candidates) {
      Cluster cluster = candidate.resolve();
      if (cluster.accepts(equation, over) && cluster.sharesInput(equation)) {
        return cluster;
      }
    }
    Cluster cluster = new Cluster(over, level);
    candidates.add(cluster);
    clusters.add(cluster);
    return cluster;
  }
}
