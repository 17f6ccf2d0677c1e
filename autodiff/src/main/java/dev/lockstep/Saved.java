package dev.lockstep;

import java.util.List;

/** The names of values that a checkpointed function keeps: written with {@link Lockstep#save}. */
public record Saved(List<String> names) {
  public Saved {
    names = List.copyOf(names);
  }
}
