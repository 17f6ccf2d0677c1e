package dev.lockstep;

import dev.lockstep.error.LockstepException;

/**
 * How {@link Control#scan} steps.
 *
 * @param reverse whether from the last element to the first; ys stand where their xs do
 * @param unroll how many steps are written out as one, at least 1: longer programs, fewer turns
 */
public record ScanOptions(boolean reverse, int unroll) {
  /** From the first element to the last, one step at a time. */
  public static final ScanOptions FORWARD = new ScanOptions(false, 1);

  /** From the last element to the first. */
  public static final ScanOptions REVERSE = new ScanOptions(true, 1);

  public ScanOptions {
    if (unroll < 1) {
      throw new LockstepException("scan: unroll must be at least 1, got " + unroll);
    }
  }

  /** Returns these options with so many steps written out as one. */
  public ScanOptions unroll(int steps) {
    return new ScanOptions(reverse, steps);
  }
}
