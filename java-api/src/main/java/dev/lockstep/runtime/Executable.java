package dev.lockstep.runtime;

import java.util.List;

/** A program that is ready to run, by any number of threads at once. */
@FunctionalInterface
public interface Executable {
  /**
   * Runs the program.
   *
   * @param inputs one array an input of the program, of exactly its type
   * @return new arrays, one an output; the caller owns them
   */
  List<Array> run(List<Array> inputs);
}
