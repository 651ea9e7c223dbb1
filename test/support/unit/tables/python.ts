import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const PYTHON = process.env['PYTHON'] ?? 'python3';

/** Whether Python has pandas and pyarrow; PYTHON names the program. */
export const hasPandas = spawnSync(PYTHON, ['-c', 'import pandas, pyarrow']).status === 0;

/** Runs a program with the path of a file as its argument. @returns what it prints as JSON */
export async function runPython(program: string, file: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', program, file]);
  return JSON.parse(stdout);
}
