/** The door: the static methods that users import. */
package dev.lockstep;
