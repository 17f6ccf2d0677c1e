/** Runs compiled programs: plans and their cache, native memory, and the backends. */
package dev.lockstep.runtime;
