/** What Lockstep is for: eight programs on real data, each in one file. */
package dev.lockstep.examples;
