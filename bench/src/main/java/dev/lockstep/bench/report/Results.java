package dev.lockstep.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** All that was measured in one run, in the order of the table. */
public record Results(List<Row> rows, List<Measurement> measurements, Conditions conditions) {
  public static final String OURS = "lockstep";

  public Optional<Measurement> find(String workload, String implementation) {
    return measurements.stream()
        .filter(m -> m.workload().equals(workload) && m.implementation().equals(implementation))
        .findFirst();
  }

  /** Returns how many times shorter our median is than another implementation's. */
  public OptionalDouble ratio(String workload, String implementation) {
    Optional<Measurement> ours = find(workload, OURS);
    Optional<Measurement> other = find(workload, implementation);
    return ours.isPresent() && other.isPresent()
        ? OptionalDouble.of(other.get().median() / ours.get().median())
        : OptionalDouble.empty();
  }

  /** Returns the rows whose name starts so and that were measured, in order. */
  public List<Row> rows(String prefix) {
    return rows.stream()
        .filter(r -> r.workload().startsWith(prefix) && find(r.workload(), OURS).isPresent())
        .toList();
  }

  /** Returns the implementations of the workloads, ours first. */
  public List<String> implementations(List<Row> rows) {
    Set<String> names = new LinkedHashSet<>();
    for (Row row : rows) {
      for (Measurement measurement : measurements) {
        if (measurement.workload().equals(row.workload())) {
          names.add(measurement.implementation());
        }
      }
    }
    List<String> sorted = new ArrayList<>(names);
    sorted.sort((a, b) -> Boolean.compare(b.equals(OURS), a.equals(OURS)));
    return sorted;
  }
}
