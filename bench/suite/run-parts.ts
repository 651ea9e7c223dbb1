import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../setup/context.ts';
import type { Choice } from './arguments.ts';
import { startNoise } from './noise.ts';
import { progress } from './progress.ts';
import { createResults, targetTable, type PartJson, type PartResults } from './results.ts';

export interface Done {
  /** Some part threw. */
  readonly hasFailed: boolean;
  /** Pages of all parts, and one table of their targets. */
  readonly toMarkdown: () => string;
  readonly toJson: () => { readonly parts: Readonly<Record<string, PartJson>> };
}

/** The last part has left timers in Temporal's server, which end after ten seconds and cost the server work. */
const SETTLE_MS = 15_000;

/** One after the other. A part that fails says so on its page, and the others go on. */
export async function runParts(choices: readonly Choice[], context: Context, output: string): Promise<Done> {
  const done: (readonly [string, PartResults])[] = [];
  let hasFailed = false;
  for (const { part, figures } of choices) {
    if (done.length > 0 && !context.options.quick) await sleep(SETTLE_MS);
    progress(`part ${part.name}`);
    const results = createResults(part, output);
    done.push([part.name, results]);
    const stopNoise = startNoise();
    try {
      await part.run(context, results, figures);
    } catch (error) {
      hasFailed = true;
      process.stderr.write(`${part.name} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
      results.addRemark(`Failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    results.setNoise(stopNoise());
    await results.save();
  }
  return {
    hasFailed,
    toMarkdown: () =>
      [
        ...done.map(([, results]) => results.toMarkdown()),
        '# All targets',
        targetTable(done.flatMap(([, results]) => results.targets())),
      ].join('\n\n'),
    toJson: () => ({ parts: Object.fromEntries(done.map(([name, results]) => [name, results.toJson()])) }),
  };
}
