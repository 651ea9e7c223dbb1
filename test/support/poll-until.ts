import { setTimeout } from 'node:timers/promises';

// Only ends a test that hangs: a slow machine must not reach it.
const DEADLINE_MS = 20 * 60_000;

/** Polls until `probe` gives a value. @throws after the deadline, saying what was waited for */
export async function pollUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    await setTimeout(50);
  }
  throw new Error(`waited ${deadlineMs / 1000} s in vain for: ${what}`);
}
