package dev.lockstep.bench.driver;

import dev.lockstep.bench.report.Measurement;
import dev.lockstep.bench.report.Results;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Measures entries of the catalog with JMH: one fork an implementation. */
final class Suite {
  private static final List<String> QUICK = List.of("lockstep", "javaLoop", "vectorApi");
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private final Settings settings;
  private final RoundServer rounds;
  private final OutputFormat output;

  /**
   * @param log takes what JMH and its forks print
   */
  Suite(Settings settings, RoundServer rounds, PrintStream log) {
    this.settings = settings;
    this.rounds = rounds;
    this.output = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
  }

  /** Returns the ways to compute an entry that are measured, ours first. */
  List<String> methods(Catalog.Entry entry) {
    if (entry.row().asked() == 0) {
      return List.of(Results.OURS);
    }
    return Arrays.stream(entry.benchmark().getDeclaredMethods())
        .filter(m -> m.isAnnotationPresent(Benchmark.class))
        .map(Method::getName)
        .filter(name -> settings.full() || QUICK.contains(name))
        .sorted(Comparator.comparing((String name) -> !name.equals(Results.OURS)))
        .toList();
  }

  /** Runs one way; the peers have their rounds between those of {@code lockstep}. */
  Measurement measure(Catalog.Entry entry, String method) throws RunnerException {
    RunResult result = new Runner(options(entry, method).build(), output).runSingle();
    double[] times =
        result.getBenchmarkResults().stream()
            .flatMap(fork -> fork.getIterationResults().stream())
            .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
            .toArray();
    return new Measurement(
        entry.row().workload(), implementation(method), times, peakBytes(result, method));
  }

  private ChainedOptionsBuilder options(Catalog.Entry entry, String method) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(entry.benchmark().getName() + "." + method) + "$")
            .forks(1)
            .warmupIterations(settings.warmupRounds())
            .warmupTime(TimeValue.milliseconds(settings.warmupMilliseconds()))
            .measurementIterations(settings.rounds())
            .measurementTime(TimeValue.milliseconds(settings.roundMilliseconds()))
            .shouldFailOnError(true);
    for (Map.Entry<String, String> parameter : entry.parameters().entrySet()) {
      options.param(parameter.getKey(), parameter.getValue());
    }
    return method.equals(Results.OURS)
        ? options.addProfiler(Rounds.class, rounds.socket().toString())
        : options.addProfiler(GCProfiler.class);
  }

  /** Native bytes of ours; of Java code what a call allocates on the heap. */
  private static OptionalLong peakBytes(RunResult result, String method) {
    if (method.startsWith(Results.OURS) && !method.equals(Results.OURS)) {
      return OptionalLong.empty();
    }
    String name = method.equals(Results.OURS) ? Rounds.PEAK_BYTES : ALLOCATED;
    Result<?> found = result.getSecondaryResults().get(name);
    return found == null ? OptionalLong.empty() : OptionalLong.of(Math.round(found.getScore()));
  }

  /** Returns java-loop for javaLoop. */
  static String implementation(String method) {
    return method.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
