package dev.lockstep.compiler;

import dev.lockstep.program.Equation;
import dev.lockstep.program.Variable;
import dev.lockstep.program.primitive.Elementwise;
import dev.lockstep.program.primitive.Reduction;
import dev.lockstep.tensor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Elementwise equations and reductions over one shape that become one loop.
 *
 * <p>A cluster's level is one more than the highest level of what it reads from outside. An
 * equation may join if all else that it reads has a lower level, because then nothing it reads can
 * depend on the cluster.
 */
final class Cluster {
  /** Beyond this a loop's live tiles may no longer fit its stack frame, which costs the threads. */
  private static final int MAX_MEMBERS = 128;

  final Shape shape;
  final int level;

  /** By position in the program. */
  final SortedMap<Integer, Equation> members = new TreeMap<>();

  /** The results of elementwise members. */
  final Set<Variable> computed = new HashSet<>();

  /** The axes that the reductions among the members reduce, or null if there is none. */
  List<Integer> reducedAxes;

  private Cluster mergedInto;

  Cluster(Shape shape, int level) {
    this.shape = shape;
    this.level = level;
  }

  /** Returns the cluster that this one has become part of. */
  Cluster resolve() {
    Cluster cluster = this;
    while (cluster.mergedInto != null) {
      cluster = cluster.mergedInto;
    }
    return cluster;
  }

  /** Returns whether an equation over this shape fits, if what it reads exists. */
  boolean accepts(Equation equation, Shape over) {
    return shape.equals(over)
        && members.size() < MAX_MEMBERS
        && (!(equation.primitive() instanceof Reduction reduction)
            || reducedAxes == null
            || reducedAxes.equals(reduction.axes()));
  }

  boolean sharesInput(Equation equation) {
    for (Equation member : members.values()) {
      for (Variable input : equation.inputs()) {
        if (member.inputs().contains(input)) {
          return true;
        }
      }
    }
    return false;
  }

  boolean canMerge(Cluster other) {
    return shape.equals(other.shape)
        && level == other.level
        && members.size() + other.members.size() <= MAX_MEMBERS
        && (reducedAxes == null
            || other.reducedAxes == null
            || reducedAxes.equals(other.reducedAxes));
  }

  /** Returns whether an elementwise cluster of a lower level may become part of this one. */
  boolean takes(Cluster earlier) {
    return shape.equals(earlier.shape)
        && level > earlier.level
        && earlier.reducedAxes == null
        && members.size() + earlier.members.size() <= MAX_MEMBERS;
  }

  void add(int position, Equation equation) {
    members.put(position, equation);
    switch (equation.primitive()) {
      case Reduction reduction -> reducedAxes = reduction.axes();
      case Elementwise _ -> computed.add(equation.outputs().getFirst());
      default -> throw new IllegalArgumentException("not a loop: " + equation.primitive());
    }
  }

  /** Takes in all of another cluster. */
  void merge(Cluster other) {
    members.putAll(other.members);
    computed.addAll(other.computed);
    if (other.reducedAxes != null) {
      reducedAxes = other.reducedAxes;
    }
    other.mergedInto = this;
  }
}
