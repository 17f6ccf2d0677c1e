package dev.lockstep;

/**
 * How much of a Jacobian is computed at a time: written with {@link Lockstep#chunk}.
 *
 * @param size the number of columns or rows that run together
 */
public record Chunk(long size) {
  @Override
  public String toString() {
    return "chunk(" + size + ")";
  }
}
