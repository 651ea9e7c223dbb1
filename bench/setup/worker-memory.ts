import type { Results } from '../suite/results.ts';
import { median } from '../suite/statistics.ts';
import { formatMebibytes } from '../suite/table.ts';
import { belowMebibytes } from '../suite/target.ts';
import type { Workers } from './workers.ts';

/** Resident memory of the largest worker process. */
export interface MemoryCourse {
  /** At regular times. */
  readonly samples: readonly number[];
  readonly peakBytes: number;
}

const SAMPLE_MS = 500;
const LIMIT_MEBIBYTES = 700;

/** Memory of the workers while something runs. */
export async function watchMemory<Value>(
  workers: Workers,
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly memory: MemoryCourse }> {
  workers.forgetPeaks();
  const samples: number[] = [];
  const timer = setInterval(() => {
    samples.push(Math.max(...workers.memory().map(({ bytes }) => bytes)));
  }, SAMPLE_MS);
  try {
    const value = await work();
    const peakBytes = Math.max(...workers.memory().map((process) => process.peakBytes));
    return { value, memory: { samples, peakBytes } };
  } finally {
    clearInterval(timer);
  }
}

/** @param label what was scored */
export function addMemory(results: Results, label: string, { samples, peakBytes }: MemoryCourse): void {
  const quarters = [0, 1, 2, 3].map((quarter) => {
    const [from, to] = [quarter, quarter + 1].map((end) => Math.round((samples.length * end) / 4));
    return median(samples.slice(from, to));
  });
  results.addFigure(`peak bytes of a worker, ${label}`, peakBytes);
  results.addTarget(
    belowMebibytes(`memory of a worker process while it scores ${label}`, LIMIT_MEBIBYTES, peakBytes),
  );
  results.addSection({
    title: `Memory of a worker, ${label}`,
    notes: [
      'Resident memory of the largest worker process in the last of these runs: the median of each quarter of the time, and the peak (VmHWM).',
    ],
    table: {
      head: ['', 'first quarter', 'second', 'third', 'fourth', 'peak'],
      rows: [['worker process', ...quarters.map(formatMebibytes), formatMebibytes(peakBytes)]],
    },
  });
}
