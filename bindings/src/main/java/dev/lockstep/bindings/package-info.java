/** Loads the native core and calls its C ABI; the only package that knows statuses and structs. */
package dev.lockstep.bindings;
