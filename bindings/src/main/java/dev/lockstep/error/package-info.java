/** All exceptions that Lockstep throws, under one unchecked base class. */
package dev.lockstep.error;
