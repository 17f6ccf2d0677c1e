package dev.lockstep.bench.driver;

import dev.lockstep.bench.report.Measurement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The other systems that could be started, and why others could not. */
final class Peers implements AutoCloseable {
  /** The packages that each Python peer needs, in the versions to compare with. */
  private static final Map<String, String> PYTHON = new LinkedHashMap<>();

  static {
    PYTHON.put("jax", "jax==0.10.2");
    PYTHON.put("torch", "torch==2.13.0");
  }

  private final List<Peer> running = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  private Peers() {}

  static Peers start(Settings settings) {
    Peers peers = new Peers();
    PythonEnvironment python = new PythonEnvironment(settings);
    for (Map.Entry<String, String> entry : PYTHON.entrySet()) {
      String name = entry.getKey();
      Path script = settings.project().resolve("bench/peers/" + name + "_peer.py");
      peers.start(
          name,
          () ->
              List.of(
                  python.interpreter(name, entry.getValue()).toString(), "-B", script.toString()),
          settings);
    }
    if (settings.jvmLibraries()) {
      JvmLibraries libraries = new JvmLibraries(settings);
      for (String name : libraries.names()) {
        peers.start(name, () -> libraries.command(name), settings);
      }
    }
    return peers;
  }

  private interface Preparation {
    List<String> command() throws IOException;
  }

  /** Starts a peer, or says why it is skipped. */
  private void start(String name, Preparation preparation, Settings settings) {
    try {
      Path log = settings.target().resolve(name + "-peer.log");
      Peer peer = Peer.start(preparation.command(), log);
      running.add(peer);
      System.out.printf("peer %s %s%n", peer.name(), peer.version());
    } catch (IOException e) {
      skip(name, e.getMessage());
    }
  }

  private void skip(String name, String reason) {
    missing.add("%s (%s)".formatted(name, reason));
    System.out.println("*** PEER SKIPPED: " + missing.getLast());
  }

  List<String> missing() {
    return missing;
  }

  Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    running.forEach(peer -> versions.put(peer.name(), peer.version()));
    return versions;
  }

  void prepare(String workload) {
    each(workload, peer -> peer.prepare(workload));
    for (Peer peer : running) {
      peer.failure().ifPresent(why -> skip("%s of %s".formatted(workload, peer.name()), why));
    }
  }

  void round(String workload, Settings settings) {
    double seconds = settings.roundMilliseconds() / 1000.0;
    each(workload, peer -> peer.round(seconds, settings.patienceSeconds()));
  }

  List<Measurement> measurements() {
    return running.stream().flatMap(peer -> peer.measurement().stream()).toList();
  }

  private interface Action {
    void run(Peer peer);
  }

  /** A peer that dies is skipped from then on. */
  private void each(String workload, Action action) {
    for (Iterator<Peer> i = running.iterator(); i.hasNext(); ) {
      Peer peer = i.next();
      try {
        action.run(peer);
      } catch (UncheckedIOException e) {
        skip(peer.name() + " from " + workload + " on", e.getCause().getMessage());
        peer.close();
        i.remove();
      }
    }
  }

  @Override
  public void close() {
    running.forEach(Peer::close);
  }
}
