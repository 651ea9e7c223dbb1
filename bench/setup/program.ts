import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { progress } from '../suite/progress.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** As in `tsconfig.build.json`. */
const OUTPUT = join(ROOT, '.local', 'bench-build');
/** What the compiler leaves behind. */
const ASSETS = [
  'package.json',
  'src/forest/kernel.wasm',
  'src/dev/kafka/log4j2.properties',
  'src/dev/kafka/pom.xml',
] as const;

/** Files of the compiled program. */
export interface Program {
  readonly cli: string;
  /** A program of `processes/`, without `.ts`. */
  readonly process: (name: string) => string;
}

let compiled: Promise<Program> | undefined;

/**
 * Compiles the program and the processes of the benchmark once, because users run it compiled, and because tsx would be
 * counted. The output is not in `dist/`, which may be in use.
 */
export function compileProgram(): Promise<Program> {
  return (compiled ??= compile());
}

async function compile(): Promise<Program> {
  progress('compiling the program');
  const config = join(import.meta.dirname, '..', 'tsconfig.build.json');
  // Types are checked by others.
  await execa('tsc', ['-p', config, '--noCheck'], { preferLocal: true, localDir: ROOT });
  for (const asset of ASSETS) {
    await mkdir(dirname(join(OUTPUT, asset)), { recursive: true });
    await copyFile(join(ROOT, asset), join(OUTPUT, asset));
  }
  await execa(process.execPath, [join(OUTPUT, 'src', 'worker', 'bundle-workflows.js')]);
  return {
    cli: join(OUTPUT, 'src', 'cli.js'),
    process: (name) => join(OUTPUT, 'bench', 'processes', `${name}.js`),
  };
}
