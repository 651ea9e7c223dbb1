import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import type { RawFiles } from './raw-file.ts';

const ROOT = join(import.meta.dirname, '..');
/** As in `tsconfig.build.json`. */
const OUTPUT = join(ROOT, '.local', 'bench-build');

const peakMemory = z.object({ loadedBytes: z.number(), peakBytes: z.number() });
export type PeakMemory = z.output<typeof peakMemory>;

/**
 * Compiles a program of this folder, because the memory of tsx would be counted. The output is not in `dist/`, which
 * may be in use.
 * @param name of the program, without `.ts`
 * @returns the program's file
 */
export async function compileProgram(name: 'peak-memory-process' | 'load-process'): Promise<string> {
  const config = join(import.meta.dirname, 'tsconfig.build.json');
  await execa('tsc', ['-p', config], { preferLocal: true, localDir: ROOT });
  const kernel = ['src', 'forest', 'kernel.wasm'] as const;
  await copyFile(join(ROOT, ...kernel), join(OUTPUT, ...kernel));
  return join(OUTPUT, 'bench', `${name}.js`);
}

/** Trains in a fresh process. */
export async function measureOurMemory(
  program: string,
  { features, targets }: RawFiles,
  { trees, assemble }: { readonly trees: number; readonly assemble: boolean },
): Promise<PeakMemory> {
  const { stdout } = await execa(process.execPath, [program, features, targets, `${trees}`, `${assemble}`]);
  return peakMemory.parse(JSON.parse(stdout));
}
