/** Turns a program into the steps of a plan: one file is one pass. */
package dev.lockstep.compiler;
