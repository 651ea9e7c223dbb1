import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { interleave } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import { median } from './suite/statistics.ts';
import { formatSeconds } from './suite/table.ts';
import { atMostSeconds } from './suite/target.ts';

const ROOT = join(import.meta.dirname, '..');
const ROUNDS = 3;
const QUICK_ROUNDS = 1;
const TARGET_SECONDS = 12;
/** The heading of the last table. */
const TABLE = /title.*actual.*predicted/;

const packageSchema = z.object({ scripts: z.object({ demo: z.string() }) });

export const demo: Part = {
  name: 'demo',
  question: 'How long does a cached demo take, from the command to the table?',
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    results.setData('the sample dataset');
    const directory = mkdtempSync(join(context.directory, 'demo-'));
    // A folder of its own, because the state of the repository's may be in use.
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', scripts: demoScript() }));
    progress('demo: first run in a new folder');
    const first = await runDemo(directory);
    const { demo: later } = await interleave('demo', repeats, { demo: () => runDemo(directory) });

    const time = (of: keyof Sample): number => median(later.map((sample) => sample[of]));
    results.addFigure('seconds', time('tableSeconds'));
    results.addTarget(
      atMostSeconds('a cached demo, from the command to the table', TARGET_SECONDS, time('tableSeconds')),
    );
    results.addSection({
      title: 'npm run demo',
      notes: [
        'Downloads are cached. The first run builds the program if a source has changed, and writes the state of the servers; the later ones find both.',
      ],
      table: {
        head: ['', 'to the table', 'to the end', 'runs'],
        rows: [
          ['first run in a folder', formatSeconds(first.tableSeconds), formatSeconds(first.seconds), '1'],
          ['later', formatSeconds(time('tableSeconds')), formatSeconds(time('seconds')), `${later.length}`],
        ],
      },
    });
  },
};

/** The repository's own, by absolute paths. */
function demoScript(): { readonly demo: string } {
  const { scripts } = packageSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  return { demo: scripts.demo.replaceAll(/\b(dist|scripts|src)\//g, `${ROOT}/$1/`) };
}

interface Sample {
  readonly tableSeconds: number;
  /** With the stop of servers and worker. */
  readonly seconds: number;
}

async function runDemo(cwd: string): Promise<Sample> {
  const start = performance.now();
  const since = (): number => (performance.now() - start) / 1000;
  // Servers of its own, whatever the environment names.
  const env = { TEMPORAL_ADDRESS: '', KAFKA_BROKERS: '' };
  const running = execa('npm', ['run', 'demo'], { cwd, env, stdin: 'ignore' });
  let tableSeconds = NaN;
  for await (const line of running) {
    if (TABLE.test(line)) tableSeconds = since();
  }
  await running;
  if (Number.isNaN(tableSeconds)) throw new Error('the demo printed no table');
  return { tableSeconds, seconds: since() };
}
