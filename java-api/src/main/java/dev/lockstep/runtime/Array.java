package dev.lockstep.runtime;

import dev.lockstep.error.ClosedTensorException;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.Shape;
import dev.lockstep.tensor.Tensor;
import dev.lockstep.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A tensor with a value: a handle on a dense, row-major block of native memory, or a literal, which
 * is a scalar held by value. Several handles may share one block; it is freed when the last handle
 * is closed or unreachable and nothing has it acquired. Thread-safe.
 */
public final class Array extends Tensor {
  private static final Shape SCALAR = Shape.of();

  private final TensorType type;
  private final boolean literal;
  private final long literalBits;

  /** Null only for a literal whose address nobody has asked for. */
  private volatile Handle handle;

  private volatile boolean closedLiteral;

  private Array(TensorType type, boolean literal, long literalBits) {
    this.type = type;
    this.literal = literal;
    this.literalBits = literalBits;
  }

  private static Array on(TensorType type, Buffer buffer) {
    Array array = new Array(type, false, 0);
    array.handle = Handle.open(array, type, buffer);
    MemoryScope.register(array.handle);
    return array;
  }

  /**
   * Returns a new array with undefined elements.
   *
   * @throws dev.lockstep.error.OutOfNativeMemoryException if there is no memory for it
   */
  public static Array allocate(TensorType type) {
    return adopt(type, Memory.allocate(type));
  }

  /** Returns an array that owns a native block of {@code type.bytes()} bytes from now on. */
  public static Array adopt(TensorType type, long address) {
    Array array = on(type, new Buffer.Owned(address, type.bytes()));
    Memory.keepUp();
    return array;
  }

  /**
   * Returns an array over the caller's native memory, which stays reachable as long as the array.
   * The caller has checked size and alignment.
   */
  public static Array view(TensorType type, MemorySegment segment) {
    return on(type, new Buffer.Foreign(segment));
  }

  /**
   * Returns a scalar held by value.
   *
   * @param bits the element's bytes, lowest first, as in memory
   */
  public static Array literal(DType dtype, long bits) {
    return new Array(new TensorType(dtype, SCALAR), true, bits);
  }

  /**
   * Returns whether this is a scalar held by value, so that {@link #literalBits} is its element.
   */
  public boolean isLiteral() {
    return literal;
  }

  /** Returns the element's bytes of a literal, lowest first. */
  public long literalBits() {
    return literalBits;
  }

  @Override
  public TensorType type() {
    return type;
  }

  @Override
  public Array concrete(String op) {
    if (!literal) {
      handle.requireUsable(op);
    } else if (closedLiteral) {
      throw closed(op, type);
    }
    return this;
  }

  /** Returns the address and keeps its memory from being freed until {@link #release}. */
  public long acquire() {
    return acquire("run");
  }

  /**
   * Returns the address and keeps its memory from being freed until {@link #release}.
   *
   * @param op the user's op, for the error
   * @throws ClosedTensorException if this handle, or the arena of the user's memory, is closed
   */
  public long acquire(String op) {
    Handle open = handle;
    if (open == null) {
      open = materialise(op);
    }
    return open.acquire(op);
  }

  /** Ends what one {@link #acquire} began. */
  public void release() {
    handle.release();
  }

  /** Returns another handle on the same memory: each is closed for itself. */
  public Array share() {
    if (literal) {
      concrete("share");
      return new Array(type, true, literalBits);
    }
    Handle open = handle;
    open.acquire("share");
    return on(type, open.buffer());
  }

  @Override
  public void close() {
    if (!literal) {
      handle.drop();
      return;
    }
    synchronized (this) {
      closedLiteral = true;
      if (handle != null) {
        handle.drop();
      }
    }
  }

  /** Returns the handle, null for a literal whose address nobody has asked for. */
  Handle handle() {
    return handle;
  }

  private boolean isClosed() {
    return literal ? closedLiteral : handle.isDropped();
  }

  private synchronized Handle materialise(String op) {
    if (handle == null) {
      if (closedLiteral) {
        throw closed(op, type);
      }
      long address = Memory.allocate(type);
      Elements.writeBits(type.dtype(), address, literalBits);
      handle = Handle.open(this, type, new Buffer.Owned(address, type.bytes()));
    }
    return handle;
  }

  static ClosedTensorException closed(String op, TensorType type) {
    return new ClosedTensorException(
        ("%s: the tensor %s is closed. Close a tensor, or its scope, after its last use;"
                + " Scope.keep takes one out of its scope.")
            .formatted(op, type));
  }

  /** Returns the elements as NumPy's {@code str} prints them. */
  @Override
  public String toString() {
    return isClosed() ? "Tensor(" + type + ", closed)" : ArrayPrinter.print(this);
  }
}
