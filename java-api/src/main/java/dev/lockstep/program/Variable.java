package dev.lockstep.program;

import dev.lockstep.tensor.TensorType;

/** A value of a program, assigned once. The id is its number in the program, from 0. */
public record Variable(int id, TensorType type) {
  /** Returns the printed name: a … z, then a1 … z1, a2 … */
  public String name() {
    String letter = String.valueOf((char) ('a' + id % 26));
    return id < 26 ? letter : letter + id / 26;
  }

  @Override
  public String toString() {
    return name() + ":" + type;
  }
}
