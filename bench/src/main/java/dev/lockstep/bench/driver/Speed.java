package dev.lockstep.bench.driver;

import dev.lockstep.bench.report.Conditions;
import dev.lockstep.bench.report.HtmlReport;
import dev.lockstep.bench.report.JsonReport;
import dev.lockstep.bench.report.MarkdownReport;
import dev.lockstep.bench.report.Measurement;
import dev.lockstep.bench.report.Results;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/** Measures all workloads beside the peers and writes the report. */
public final class Speed {
  private final Settings settings;
  private final Peers peers;
  private final RoundServer server;
  private final Suite suite;
  private final List<Measurement> measurements = new ArrayList<>();

  private Speed(Settings settings, Peers peers, RoundServer server, PrintStream log) {
    this.settings = settings;
    this.peers = peers;
    this.server = server;
    this.suite = new Suite(settings, server, log);
  }

  public static void main(String[] arguments) throws IOException, RunnerException {
    Settings settings = Settings.read();
    Files.createDirectories(settings.target());
    // Another JMH on this machine is noise that all share.
    System.setProperty("jmh.ignoreLock", "true");
    try (Peers peers = Peers.start(settings);
        RoundServer server = new RoundServer();
        PrintStream log =
            new PrintStream(
                settings.target().resolve("jmh.log").toFile(), StandardCharsets.UTF_8)) {
      new Speed(settings, peers, server, log).run();
    }
  }

  private void run() throws IOException, RunnerException {
    String date =
        ZonedDateTime.now(ZoneOffset.UTC)
            .format(DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH));
    long start = System.nanoTime();
    List<Catalog.Entry> entries =
        Catalog.entries().stream().filter(e -> settings.chosen(e.row().workload())).toList();
    int done = 0;
    for (Catalog.Entry entry : entries) {
      System.out.printf(
          "[%d/%d, %d s] %s: ",
          ++done,
          entries.size(),
          (System.nanoTime() - start) / 1_000_000_000,
          entry.row().workload());
      System.out.flush();
      measure(entry);
    }
    Conditions conditions =
        new Conditions(
            Machine.describe(),
            date,
            settings.command(),
            settings.rounds(),
            versions(),
            peers.missing());
    write(new Results(entries.stream().map(Catalog.Entry::row).toList(), measurements, conditions));
  }

  private void measure(Catalog.Entry entry) throws RunnerException {
    String workload = entry.row().workload();
    peers.prepare(workload);
    server.onRound(() -> peers.round(workload, settings));
    int before = measurements.size();
    for (String method : suite.methods(entry)) {
      measurements.add(suite.measure(entry, method));
      if (method.equals(Results.OURS)) {
        measurements.addAll(peers.measurements());
      }
    }
    System.out.println(
        measurements.subList(before, measurements.size()).stream()
            .map(m -> String.format(Locale.ROOT, "%s %.2f us", m.implementation(), m.median()))
            .collect(Collectors.joining(", ")));
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("Java", System.getProperty("java.vm.version"));
    versions.putAll(peers.versions());
    return versions;
  }

  private void write(Results results) throws IOException {
    Path target = settings.target();
    String markdown = MarkdownReport.of(results);
    Files.writeString(target.resolve("report.json"), JsonReport.of(results));
    Files.writeString(target.resolve("report.md"), markdown);
    Files.writeString(target.resolve("report.html"), HtmlReport.of(results));
    writeCharts(results, target.resolve("charts"));
    if (settings.docs()) {
      Path docs = settings.project().resolve("docs");
      writeCharts(results, docs.resolve("charts"));
      Path page = docs.resolve("performance.md");
      Files.writeString(page, MarkdownReport.insert(markdown, Files.readString(page)));
    }
    System.out.println();
    System.out.println(markdown);
    System.out.println("report: " + target.resolve("report.html"));
  }

  private static void writeCharts(Results results, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, String> chart : HtmlReport.charts(results).entrySet()) {
      Files.writeString(folder.resolve(chart.getKey() + ".svg"), chart.getValue());
    }
  }
}
