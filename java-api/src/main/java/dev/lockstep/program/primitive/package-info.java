/** The primitives: one file is one sealed family, one record holds all rules of one primitive. */
package dev.lockstep.program.primitive;
