/** The transforms of programs: one file is one transform, and no op is named here. */
package dev.lockstep.autodiff;
