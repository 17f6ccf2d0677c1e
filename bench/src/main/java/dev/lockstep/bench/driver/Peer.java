package dev.lockstep.bench.driver;

import dev.lockstep.bench.report.Measurement;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Another system in a process of its own. It gets lines {@code workload seconds} and answers each
 * with a line of JSON: {@code {"us": mean time of a call, "peak_bytes": n or null}}, or {@code
 * {"unknown": workload}}, or {@code {"error": text}}. Between lines it waits for its standard
 * input. Its first line names it: {@code {"peer": "jax", "version": "0.10.2"}}.
 */
final class Peer implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 180;

  /** Rounds that a slow workload has whatever it takes. */
  private static final int LEAST_ROUNDS = 5;

  private final Process process;
  private final BufferedReader answers;
  private final Path log;
  private String name;
  private String version;
  private String workload;
  private String failure;
  private OptionalLong peakBytes = OptionalLong.empty();
  private double spent;
  private final List<Double> times = new ArrayList<>();

  private Peer(Process process, Path log) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.log = log;
  }

  /** Starts a peer. */
  static Peer start(List<String> command, Path log) throws IOException {
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    Peer peer = new Peer(process, log);
    Answer hello = peer.read();
    peer.name = hello.text("peer");
    peer.version = hello.text("version");
    return peer;
  }

  String name() {
    return name;
  }

  String version() {
    return version;
  }

  /** Returns why the current workload was not measured, if so. */
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Makes the peer prepare a workload and warm up: its inputs, its compilation, its caches. */
  void prepare(String next) {
    workload = next;
    failure = null;
    peakBytes = OptionalLong.empty();
    times.clear();
    spent = 0;
    Answer answer = ask(0);
    if (answer.has("unknown")) {
      workload = null;
    } else if (answer.has("error")) {
      workload = null;
      failure = answer.text("error");
    } else if (answer.has("peak_bytes")) {
      peakBytes = OptionalLong.of((long) answer.number("peak_bytes"));
    }
  }

  /** Runs a round of the prepared workload, unless that is slow and had some. */
  void round(double seconds, double patienceSeconds) {
    if (workload == null || (times.size() >= LEAST_ROUNDS && spent > patienceSeconds)) {
      return;
    }
    long start = System.nanoTime();
    times.add(ask(seconds).number("us"));
    rest();
    spent += (System.nanoTime() - start) * 1e-9;
  }

  /** Thread pools spin for a moment after their last work: nobody else's round is to see that. */
  private static void rest() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns what was measured since the workload was prepared. */
  Optional<Measurement> measurement() {
    if (workload == null || times.isEmpty()) {
      return Optional.empty();
    }
    double[] microseconds = times.stream().mapToDouble(Double::doubleValue).toArray();
    return Optional.of(new Measurement(workload, name, microseconds, peakBytes));
  }

  private Answer ask(double seconds) {
    try {
      process.outputWriter(StandardCharsets.UTF_8).append(workload + " " + seconds + "\n").flush();
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Answer read() throws IOException {
    CompletableFuture<String> line = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        line.complete(answers.readLine());
      } catch (IOException e) {
        line.completeExceptionally(e);
      }
    });
    try {
      String text = line.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (text == null) {
        throw new IOException("ended: " + lastLine());
      }
      return Answer.parse(text);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IOException("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private String lastLine() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "it said nothing" : lines.getLast();
  }

  @Override
  public void close() {
    process.destroy();
  }
}
