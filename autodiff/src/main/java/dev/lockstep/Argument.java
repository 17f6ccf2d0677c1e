package dev.lockstep;

/** Which argument to differentiate with respect to: typed, so that the result's type follows. */
public sealed interface Argument {
  /** The first argument. */
  enum First implements Argument {
    FIRST
  }

  /** The second argument. */
  enum Second implements Argument {
    SECOND
  }

  /** The third argument. */
  enum Third implements Argument {
    THIRD
  }

  /** The fourth argument. */
  enum Fourth implements Argument {
    FOURTH
  }
}
