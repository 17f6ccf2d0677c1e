package dev.lockstep.runtime;

import dev.lockstep.program.Program;
import java.util.List;

/** Something that runs programs on arrays. */
public interface Backend {
  /** Returns the name in errors and reports: {@code native}. */
  String name();

  /** Makes a program ready to run; equal programs may share what is made. */
  Executable compile(Program program);

  /** Compiles and runs a program. */
  default List<Array> run(Program program, List<Array> inputs) {
    return compile(program).run(inputs);
  }
}
