package dev.lockstep.tensor;

/**
 * What {@link Tensor#get(Index...)} and {@link Tensor#at(Index...)} take of one axis. Made for a
 * static import: {@code x.get(at(0), range(1, 4), ellipsis(), of(columns))} is NumPy's {@code x[0,
 * 1:4, ..., columns]}.
 *
 * <p>Negative positions count from the end. As in NumPy, index tensors broadcast with each other
 * and select element by element; their axes stand where the first of them stood, or first if other
 * axes stand between them.
 */
public sealed interface Index
    permits IndexEntry.At,
        IndexEntry.Range,
        IndexEntry.All,
        IndexEntry.Ellipsis,
        IndexEntry.NewAxis,
        IndexEntry.Of {

  /** Takes one position and drops the axis: NumPy's {@code x[position]}. */
  static Index at(long position) {
    return new IndexEntry.At(position);
  }

  /** Takes from {@code start} up to, not including, {@code stop}: {@code x[start:stop]}. */
  static Index range(long start, long stop) {
    return range(start, stop, 1);
  }

  /**
   * Takes every {@code step}-th position from {@code start} up to, not including, {@code stop}:
   * {@code x[start:stop:step]}. Bounds outside of the axis count as its ends. A negative step goes
   * backwards.
   *
   * @throws dev.lockstep.error.IndexException if the step is 0
   */
  static Index range(long start, long stop, long step) {
    return new IndexEntry.Range(start, stop, step);
  }

  /** Takes from {@code start} to the end: {@code x[start:]}. */
  static Index from(long start) {
    return new IndexEntry.Range(start, null, 1);
  }

  /** Takes up to, not including, {@code stop}: {@code x[:stop]}. */
  static Index until(long stop) {
    return new IndexEntry.Range(null, stop, 1);
  }

  /**
   * Takes every {@code step}-th position: {@code x[::step]}; {@code every(-1)} reverses the axis.
   *
   * @throws dev.lockstep.error.IndexException if the step is 0
   */
  static Index every(long step) {
    return new IndexEntry.Range(null, null, step);
  }

  /** Takes the whole axis: {@code x[:]}. */
  static Index all() {
    return new IndexEntry.All();
  }

  /** Takes all axes that no other index names: {@code x[...]}. */
  static Index ellipsis() {
    return new IndexEntry.Ellipsis();
  }

  /** Puts a new axis of extent 1 here: {@code x[None]}. */
  static Index newAxis() {
    return new IndexEntry.NewAxis();
  }

  /**
   * Takes the positions in an integer tensor. In {@link Tensor#at(Index...)} it may, alone, be a
   * mask: a bool tensor over the first axes.
   */
  static Index of(Tensor positions) {
    return new IndexEntry.Of(positions);
  }
}
