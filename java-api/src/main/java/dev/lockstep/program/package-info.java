/** Programs: what tracing a user's function writes down and what transforms rewrite. */
package dev.lockstep.program;
