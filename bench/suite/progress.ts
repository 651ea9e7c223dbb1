const started = performance.now();

/** On stderr, because stdout is the report. */
export function progress(what: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(7);
  process.stderr.write(`${seconds} s  ${what}\n`);
}
