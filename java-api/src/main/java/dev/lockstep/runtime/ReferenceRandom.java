package dev.lockstep.runtime;

import dev.lockstep.program.primitive.RandomBits.Counters;
import dev.lockstep.program.primitive.RandomBits.Threefry;
import dev.lockstep.tensor.DType;
import dev.lockstep.tensor.TensorType;
import java.util.List;

/** Threefry-2x32 in plain Java, as the paper writes it. */
final class ReferenceRandom {
  private static final int[][] ROTATIONS = {{13, 15, 26, 6}, {17, 29, 16, 24}};

  private ReferenceRandom() {}

  static HostArray apply(Threefry op, List<HostArray> operands, TensorType type) {
    HostArray keys = operands.get(0);
    HostArray starts = operands.get(1);
    HostArray result = new HostArray(type);
    int count = Math.toIntExact(op.shape().size());
    for (int i = 0; i < result.size(); i++) {
      int key = i / count;
      int[] words = {(int) keys.whole(2 * key), (int) keys.whole(2 * key + 1)};
      result.set(i, number(op, words, starts.whole(key), i % count, count));
    }
    return result;
  }

  private static long number(Threefry op, int[] key, long start, int i, int count) {
    boolean narrow = op.dtype() == DType.I32;
    if (op.counters() == Counters.WIDE) {
      long counter = start + i;
      int[] words = threefry(key, (int) (counter >>> 32), (int) counter);
      return narrow ? words[0] ^ words[1] : join(words[0], words[1]);
    }
    return narrow
        ? halvesWord(key, i, count)
        : join(halvesWord(key, i, 2 * count), halvesWord(key, i + count, 2 * count));
  }

  /** Returns word {@code i} of {@code n}: counter {@code j} pairs with {@code j + half}. */
  private static int halvesWord(int[] key, int i, int n) {
    int half = (n + 1) / 2;
    int pair = i % half;
    int second = pair + half < n ? pair + half : 0;
    return threefry(key, pair, second)[i / half];
  }

  private static long join(int high, int low) {
    return (long) high << 32 | Integer.toUnsignedLong(low);
  }

  private static int[] threefry(int[] key, int first, int second) {
    int[] schedule = {key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA};
    int x = first + schedule[0];
    int y = second + schedule[1];
    for (int block = 0; block < 5; block++) {
      for (int rotation : ROTATIONS[block % 2]) {
        x += y;
        y = Integer.rotateLeft(y, rotation) ^ x;
      }
      x += schedule[(block + 1) % 3];
      y += schedule[(block + 2) % 3] + block + 1;
    }
    return new int[] {x, y};
  }
}
