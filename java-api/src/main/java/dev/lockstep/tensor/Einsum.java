package dev.lockstep.tensor;

import dev.lockstep.error.ShapeException;
import dev.lockstep.program.Trace;
import dev.lockstep.program.primitive.Reduction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Einstein summation: repeated labels of one operand become a diagonal, labels that nobody else
 * needs are summed, then two operands at a time are contracted, those first that take the fewest
 * multiplications.
 */
final class Einsum {
  /** Axes of an ellipsis are labelled from here on, counted from the last one. */
  private static final int ELLIPSIS = 1000;

  private final String spec;

  private Einsum(String spec) {
    this.spec = spec;
  }

  /** A tensor and the labels of its axes. */
  private record Labelled(Tensor tensor, List<Integer> labels) {}

  static Tensor apply(String spec, Tensor... operands) {
    return new Einsum(spec.replace(" ", "")).run(operands);
  }

  private Tensor run(Tensor... operands) {
    int arrow = spec.indexOf("->");
    String[] terms = (arrow < 0 ? spec : spec.substring(0, arrow)).split(",", -1);
    if (terms.length != operands.length) {
      throw fail("it has %d operands, but %d were given".formatted(terms.length, operands.length));
    }
    List<Labelled> labelled = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      labelled.add(new Labelled(operands[i], labels(terms[i], operands[i])));
    }
    Map<Integer, Long> extents = extents(labelled);
    List<Integer> output =
        arrow < 0 ? implicit(labelled) : explicit(spec.substring(arrow + 2), extents.keySet());
    return Trace.staged(() -> contract(labelled, extents, output));
  }

  private Tensor contract(
      List<Labelled> operands, Map<Integer, Long> extents, List<Integer> output) {
    List<Labelled> rest = new ArrayList<>();
    for (Labelled operand : operands) {
      rest.add(withoutRepeats(squeezed(operand, extents)));
    }
    for (int i = 0; i < rest.size(); i++) {
      rest.set(i, summed(rest.get(i), needed(rest, i, i, output)));
    }
    while (rest.size() > 1) {
      contractCheapest(rest, extents, output);
    }
    Labelled result = rest.getFirst();
    List<Integer> order = output.stream().map(result.labels::indexOf).toList();
    return ShapeOps.permute(result.tensor, order);
  }

  /** Replaces two operands by their product: those that take the fewest multiplications. */
  private static void contractCheapest(
      List<Labelled> rest, Map<Integer, Long> extents, List<Integer> output) {
    int first = 0;
    int second = 1;
    double fewest = Double.POSITIVE_INFINITY;
    double smallest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < rest.size(); i++) {
      for (int j = i + 1; j < rest.size(); j++) {
        Set<Integer> labels = new HashSet<>(rest.get(i).labels);
        labels.addAll(rest.get(j).labels);
        double multiplications = size(labels, extents);
        labels.retainAll(needed(rest, i, j, output));
        double size = size(labels, extents);
        if (multiplications < fewest || multiplications == fewest && size < smallest) {
          fewest = multiplications;
          smallest = size;
          first = i;
          second = j;
        }
      }
    }
    Set<Integer> later = needed(rest, first, second, output);
    rest.set(first, product(rest.get(first), rest.get(second), later));
    rest.remove(second);
  }

  private static double size(Collection<Integer> labels, Map<Integer, Long> extents) {
    return labels.stream().mapToDouble(extents::get).reduce(1, (a, b) -> a * b);
  }

  /** Returns the labels that the result or any operand but these two has. */
  private static Set<Integer> needed(
      List<Labelled> operands, int first, int second, List<Integer> output) {
    Set<Integer> needed = new HashSet<>(output);
    for (int i = 0; i < operands.size(); i++) {
      if (i != first && i != second) {
        needed.addAll(operands.get(i).labels);
      }
    }
    return needed;
  }

  private static Labelled product(Labelled x, Labelled y, Set<Integer> later) {
    List<Integer> common = x.labels.stream().filter(y.labels::contains).toList();
    List<Integer> batch = common.stream().filter(later::contains).toList();
    List<Integer> contracted = common.stream().filter(label -> !later.contains(label)).toList();
    Tensor product =
        ContractionOps.product(
            x.tensor,
            y.tensor,
            axes(x, contracted),
            axes(y, contracted),
            axes(x, batch),
            axes(y, batch));
    List<Integer> labels = new ArrayList<>(batch);
    x.labels.stream().filter(label -> !common.contains(label)).forEach(labels::add);
    y.labels.stream().filter(label -> !common.contains(label)).forEach(labels::add);
    return new Labelled(product, labels);
  }

  private static List<Integer> axes(Labelled x, List<Integer> labels) {
    return labels.stream().map(x.labels::indexOf).toList();
  }

  /** Drops axes of extent 1 whose label has a larger extent elsewhere: they broadcast. */
  private static Labelled squeezed(Labelled x, Map<Integer, Long> extents) {
    Shape shape = x.tensor.shape();
    List<Integer> labels = new ArrayList<>(x.labels);
    for (int axis = labels.size() - 1; axis >= 0; axis--) {
      if (shape.extent(axis) != extents.get(labels.get(axis))) {
        shape = shape.remove(axis);
        labels.remove(axis);
      }
    }
    return new Labelled(x.tensor.reshape(shape.extents()), labels);
  }

  private static Labelled withoutRepeats(Labelled x) {
    List<Integer> labels = new ArrayList<>(x.labels);
    Tensor tensor = x.tensor;
    for (int second = labels.size() - 1; second > 0; second--) {
      int first = labels.indexOf(labels.get(second));
      if (first < second) {
        int label = labels.remove(second);
        labels.remove(first);
        labels.add(label);
        tensor = MatrixOps.diagonal(tensor.moveAxis(second, -1).moveAxis(first, -1));
        second = labels.size();
      }
    }
    return new Labelled(tensor, labels);
  }

  private static Labelled summed(Labelled x, Set<Integer> needed) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < x.labels.size(); axis++) {
      if (!needed.contains(x.labels.get(axis))) {
        axes.add(axis);
      }
    }
    if (axes.isEmpty()) {
      return x;
    }
    boolean bool = x.tensor.dtype() == DType.BOOL;
    Tensor sum = Trace.bind(bool ? new Reduction.Max(axes) : new Reduction.Sum(axes), x.tensor);
    return new Labelled(sum, x.labels.stream().filter(needed::contains).toList());
  }

  /** Returns the labels of an operand's axes. */
  private List<Integer> labels(String term, Tensor operand) {
    int dots = term.indexOf("...");
    String letters = term.replace("...", "");
    int covered = operand.rank() - letters.length();
    if (covered < 0 || (dots < 0 && covered > 0)) {
      throw fail("\"%s\" does not fit %s".formatted(term, operand.type()));
    }
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i <= letters.length(); i++) {
      if (i == dots) {
        for (int fromEnd = covered; fromEnd > 0; fromEnd--) {
          labels.add(ELLIPSIS + fromEnd);
        }
      }
      if (i < letters.length()) {
        labels.add(letter(letters.charAt(i)));
      }
    }
    return labels;
  }

  private int letter(char label) {
    if (!(label >= 'a' && label <= 'z') && !(label >= 'A' && label <= 'Z')) {
      throw fail("'%c' is no label".formatted(label));
    }
    return label;
  }

  private Map<Integer, Long> extents(List<Labelled> operands) {
    Map<Integer, Long> extents = new HashMap<>();
    for (Labelled operand : operands) {
      for (int axis = 0; axis < operand.labels.size(); axis++) {
        int label = operand.labels.get(axis);
        long extent = operand.tensor.shape().extent(axis);
        long known = extents.getOrDefault(label, 1L);
        if (known != 1 && extent != 1 && known != extent) {
          throw fail(
              "%s has extents %d and %d in %s"
                  .formatted(
                      label < ELLIPSIS ? "'" + (char) label + "'" : "an axis of the ellipsis",
                      known,
                      extent,
                      operands.stream().map(x -> x.tensor.type().toString()).toList()));
        }
        extents.put(label, known == 1 ? extent : known);
      }
    }
    return extents;
  }

  /** Returns the ellipsis and then, in alphabetical order, the labels that stand once. */
  private static List<Integer> implicit(List<Labelled> operands) {
    Map<Integer, Long> counts =
        operands.stream()
            .flatMap(operand -> operand.labels.stream())
            .collect(Collectors.groupingBy(label -> label, Collectors.counting()));
    List<Integer> output = ellipsis(counts.keySet());
    counts.keySet().stream()
        .filter(label -> label < ELLIPSIS && counts.get(label) == 1)
        .sorted()
        .forEach(output::add);
    return output;
  }

  private List<Integer> explicit(String term, Set<Integer> known) {
    List<Integer> output = new ArrayList<>();
    int dots = term.indexOf("...");
    String letters = term.replace("...", "");
    for (int i = 0; i <= letters.length(); i++) {
      if (i == dots) {
        output.addAll(ellipsis(known));
      }
      if (i < letters.length()) {
        int label = letter(letters.charAt(i));
        if (!known.contains(label) || output.contains(label)) {
          throw fail("'%c' of the result is not a label once".formatted(label));
        }
        output.add(label);
      }
    }
    if (dots < 0 && !ellipsis(known).isEmpty()) {
      throw fail("the result needs \"...\"");
    }
    return output;
  }

  private static List<Integer> ellipsis(Set<Integer> labels) {
    return labels.stream()
        .filter(label -> label >= ELLIPSIS)
        .sorted((a, b) -> b - a)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private ShapeException fail(String why) {
    return new ShapeException("einsum: \"%s\": %s".formatted(spec, why));
  }
}
