/**
 * What was measured, as JSON, Markdown, and a page with charts: {@code Results} hold {@code
 * Measurement}s of {@code Row}s, the reports write them.
 */
package dev.lockstep.bench.report;
