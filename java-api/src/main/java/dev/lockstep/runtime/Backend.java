package dev.lockstep.runtime;

import dev.lockstep.program.Program;
import java.util.List;

/** Something that runs programs on arrays. */
public interface Backend {
  /** Returns the name in errors and reports: {@code native}. */
  String name();

  /**
   * Runs a program.
   *
   * @param inputs one array an input of the program, of exactly its type
   * @return new arrays, one an output; the caller owns them
   */
  List<Array> run(Program program, List<Array> inputs);
}
