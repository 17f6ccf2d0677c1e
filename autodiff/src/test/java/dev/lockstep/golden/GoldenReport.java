package dev.lockstep.golden;

import java.util.SortedMap;

/**
 * What a run over golden files found.
 *
 * @param missing the ops and transforms that Lockstep does not have, with the number of cases
 */
record GoldenReport(int passed, int failed, int unsupported, SortedMap<String, Integer> missing) {

  int cases() {
    return passed + failed + unsupported;
  }

  String lastLine() {
    return "golden: %d passed, %d failed, %d unsupported".formatted(passed, failed, unsupported);
  }
}
