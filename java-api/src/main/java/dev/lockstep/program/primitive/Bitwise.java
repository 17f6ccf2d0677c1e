package dev.lockstep.program.primitive;

import dev.lockstep.bindings.generated.lockstep_h;
import dev.lockstep.tensor.Tensor;

/** Ops on the bits of bools and integers. */
public sealed interface Bitwise extends Binary {
  /**
   * Returns the result for two elements before it wraps.
   *
   * @param bits the width of the dtype
   */
  long reference(long x, long y, int bits);

  @Override
  default Domain domain() {
    return Domain.BITWISE;
  }

  @Override
  default Tensor leftTangent(Tensor x, Tensor y, Tensor dx, Tensor z) {
    return null;
  }

  @Override
  default Tensor rightTangent(Tensor x, Tensor y, Tensor dy, Tensor z) {
    return null;
  }

  /** Bits that are set in both. */
  record And() implements Bitwise {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_AND();
    }

    @Override
    public long reference(long x, long y, int bits) {
      return x & y;
    }
  }

  /** Bits that are set in one or both. */
  record Or() implements Bitwise {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_OR();
    }

    @Override
    public long reference(long x, long y, int bits) {
      return x | y;
    }
  }

  /** Bits that are set in one but not both. */
  record Xor() implements Bitwise {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_XOR();
    }

    @Override
    public long reference(long x, long y, int bits) {
      return x ^ y;
    }
  }

  /** {@code x * 2^y}, wrapping; 0 if y is negative or at least the width. */
  record ShiftLeft() implements Bitwise {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SHIFT_LEFT();
    }

    @Override
    public Domain domain() {
      return Domain.INTEGER;
    }

    @Override
    public long reference(long x, long y, int bits) {
      return outside(y, bits) ? 0 : x << y;
    }
  }

  /** {@code x >> y}, filled with the sign; all sign if y is negative or at least the width. */
  record ShiftRight() implements Bitwise {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SHIFT_RIGHT();
    }

    @Override
    public Domain domain() {
      return Domain.INTEGER;
    }

    @Override
    public long reference(long x, long y, int bits) {
      return x >> (outside(y, bits) ? 63 : y);
    }
  }

  /** {@code x >>> y}, filled with zeros; 0 if y is negative or at least the width. */
  record ShiftRightLogical() implements Bitwise {
    @Override
    public int opcode() {
      return lockstep_h.LS_OP_SHIFT_RIGHT_LOGICAL();
    }

    @Override
    public Domain domain() {
      return Domain.INTEGER;
    }

    @Override
    public long reference(long x, long y, int bits) {
      return outside(y, bits) ? 0 : (x & (-1L >>> (64 - bits))) >>> y;
    }
  }

  private static boolean outside(long shift, int bits) {
    return shift < 0 || shift >= bits;
  }
}
