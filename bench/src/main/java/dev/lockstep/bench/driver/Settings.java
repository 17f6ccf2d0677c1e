package dev.lockstep.bench.driver;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * How to measure, from system properties.
 *
 * @param full the long run: more and longer rounds, and all implementations ({@code bench=full})
 * @param only the workloads to measure ({@code bench.only}, a regular expression)
 * @param python an interpreter that has the peers' packages, or empty ({@code bench.python})
 * @param rounds how many rounds each median is over ({@code bench.rounds})
 * @param jvmLibraries whether other libraries of the JVM run too ({@code bench.peers=true})
 * @param maven the command that resolves these ({@code bench.maven})
 * @param docs whether charts are copied to docs/charts ({@code bench.docs=true})
 * @param project the folder of the repository
 */
record Settings(
    boolean full,
    Pattern only,
    String python,
    int rounds,
    boolean jvmLibraries,
    String maven,
    boolean docs,
    Path project) {
  static Settings read() {
    boolean full = System.getProperty("bench", "").equals("full");
    return new Settings(
        full,
        Pattern.compile(System.getProperty("bench.only", "")),
        System.getProperty("bench.python", ""),
        Integer.getInteger("bench.rounds", full ? 41 : 15),
        Boolean.getBoolean("bench.peers"),
        System.getProperty("bench.maven", "mvn"),
        Boolean.getBoolean("bench.docs"),
        Path.of(System.getProperty("bench.project", "")).toAbsolutePath());
  }

  /** Returns how long a round calls a workload. */
  int roundMilliseconds() {
    return full ? 200 : 50;
  }

  /** Returns after how long a peer has no more rounds of a workload than it must have. */
  double patienceSeconds() {
    return full ? 60 : 4;
  }

  int warmupRounds() {
    return full ? 5 : 3;
  }

  int warmupMilliseconds() {
    return full ? 1000 : 200;
  }

  boolean chosen(String workload) {
    return only.matcher(workload).find();
  }

  Path target() {
    return project.resolve("bench/target");
  }

  /** Returns the command that repeats this run. */
  String command() {
    StringBuilder command = new StringBuilder("mvn -q -Pbench verify");
    if (jvmLibraries) {
      command.insert(command.indexOf(" verify"), ",peers");
    }
    if (full) {
      command.append(" -Dbench=full");
    }
    if (!only.pattern().isEmpty()) {
      command.append(" -Dbench.only='").append(only.pattern()).append('\'');
    }
    return command.toString();
  }
}
