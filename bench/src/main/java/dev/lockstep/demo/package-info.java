/** The demo: functions over one example, mapped, differentiated and timed beside a loop. */
package dev.lockstep.demo;
