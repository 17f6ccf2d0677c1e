package dev.lockstep.runtime;

import dev.lockstep.program.Program;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The compiled plans by program. When it is full the oldest plans go; one that is still in use
 * elsewhere lives on there.
 */
final class PlanCache {
  private static final int CAPACITY = Integer.getInteger("lockstep.plans", 4096);

  private final ConcurrentHashMap<Program, Plan> plans = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Program> oldestFirst = new ConcurrentLinkedQueue<>();
  private final AtomicLong compilations = new AtomicLong();

  Plan get(Program program) {
    Plan plan = plans.get(program);
    return plan != null ? plan : compile(program);
  }

  /** Returns how many programs were compiled so far. */
  long compilations() {
    return compilations.get();
  }

  private Plan compile(Program program) {
    Plan plan = Plan.of(program);
    Plan first = plans.putIfAbsent(program, plan);
    if (first != null) {
      return first;
    }
    compilations.incrementAndGet();
    oldestFirst.add(program);
    while (plans.size() > CAPACITY) {
      Program oldest = oldestFirst.poll();
      if (oldest == null) {
        break;
      }
      plans.remove(oldest);
    }
    return plan;
  }
}
