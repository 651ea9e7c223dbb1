import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { median } from './statistics.ts';
import { formatSeconds } from './table.ts';

/** How quiet the machine was while a part was measured. */
export interface Noise {
  /** Of the last minute, when the part began: above 0.5, another program was busy. */
  readonly loadAtStart: number;
  /** Share of the processors' time that the host gave to other machines; null where the system does not say. */
  readonly stolen: number | null;
  readonly before: Calibration;
  readonly after: Calibration;
  readonly seconds: number;
}

/** The same work, many times: its spread is the error of a short measurement. */
export interface Calibration {
  readonly medianSeconds: number;
  /** (longest − shortest) / median */
  readonly spread: number;
}

const LOOPS = 25;
const STEPS = 6_000_000;
const STAT_FILE = '/proc/stat';

/** @returns a function that ends the measurement */
export function startNoise(): () => Noise {
  const loadAtStart = loadavg()[0] ?? NaN;
  const before = calibrate();
  const ticks = readTicks();
  const start = performance.now();
  return () => {
    const seconds = (performance.now() - start) / 1000;
    const stolen = stolenShare(ticks, readTicks());
    return { loadAtStart, stolen, before, after: calibrate(), seconds };
  };
}

export function describeNoise({ loadAtStart, stolen, before, after, seconds }: Noise): string {
  const loops = [before, after].map(
    ({ medianSeconds, spread }) => `${formatSeconds(medianSeconds)} (spread ${(spread * 100).toFixed(0)} %)`,
  );
  const steal = stolen === null ? 'unknown' : `${(stolen * 100).toFixed(1)} %`;
  return `load average ${loadAtStart.toFixed(1)} at the start, ${steal} stolen, a fixed loop took ${loops.join(' before and ')} after; the part took ${formatSeconds(seconds)}`;
}

function calibrate(): Calibration {
  const seconds = Array.from({ length: LOOPS }, () => {
    const start = performance.now();
    // A loop without a use could be left out.
    if (Number.isNaN(spin())) throw new Error('a 32-bit integer is a number');
    return (performance.now() - start) / 1000;
  });
  const medianSeconds = median(seconds);
  return { medianSeconds, spread: (Math.max(...seconds) - Math.min(...seconds)) / medianSeconds };
}

function spin(): number {
  let state = 1;
  for (let step = 0; step < STEPS; step += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}

interface Ticks {
  readonly all: number;
  readonly stolen: number;
}

/** The first line of the file: user, nice, system, idle, iowait, irq, softirq, steal. */
const STEAL = 7;

function readTicks(): Ticks | undefined {
  if (!existsSync(STAT_FILE)) return undefined;
  const [line = ''] = readFileSync(STAT_FILE, 'utf8').split('\n');
  const ticks = line
    .trim()
    .split(/\s+/)
    .slice(1, STEAL + 2)
    .map(Number);
  return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[STEAL] ?? 0 };
}

function stolenShare(from: Ticks | undefined, to: Ticks | undefined): number | null {
  if (!from || !to || to.all === from.all) return null;
  return (to.stolen - from.stolen) / (to.all - from.all);
}
