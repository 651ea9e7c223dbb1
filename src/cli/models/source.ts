import { readFile, stat } from 'node:fs/promises';
import { isChampionAlias } from '../../domain/names.ts';
import { describeError, UsageError } from '../shared/exit.ts';
import { parseModelFile, type ModelFile } from './file.ts';
import type { FindChampionModel, FindRunModel, FinishedRun } from './run.ts';

export interface OpenedModel extends ModelFile {
  /** When the model was named by its run. */
  readonly run?: FinishedRun & { readonly workflowId: string };
}

/**
 * @param name a file, the workflow id of a finished run, or `<name>@champion`; where several exist, the file
 * @throws UsageError when it is none of these
 */
export async function openModel(
  name: string,
  findRun: FindRunModel = findRunLazily,
  findChampion: FindChampionModel = findChampionLazily,
): Promise<OpenedModel> {
  const kind = await kindOf(name);
  if (kind === 'a file') return parseModelFile(name, await readModel(name));
  if (isChampionAlias(name)) {
    const { model, bytes } = await findChampion(name);
    return parseModelFile(model.artifact.uri, bytes);
  }
  const found = await findRun(name);
  if ('reason' in found) {
    const notFile = kind === undefined ? 'there is no such file' : `as a path it is ${kind}`;
    throw new UsageError(
      `no model ${JSON.stringify(name)}: expected a .model file or the workflow id of a finished run, but ${notFile}, and ${found.reason}`,
      { cause: found.cause },
    );
  }
  const { run, bytes } = found;
  return { ...parseModelFile(run.model.artifact.uri, bytes), run: { ...run, workflowId: name } };
}

/** A model file needs neither a server nor its client, which takes a second to load. */
const findRunLazily: FindRunModel = async (workflowId) => {
  const { findRunModel } = await import('./run.ts');
  return findRunModel(workflowId);
};

const findChampionLazily: FindChampionModel = async (alias) => {
  const { findChampionModel } = await import('./run.ts');
  return findChampionModel(alias);
};

async function kindOf(path: string): Promise<'a file' | 'a directory' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'a directory' : 'a file';
  } catch {
    // Many workflow ids cannot be paths: too long, or with characters that paths lack.
    return undefined;
  }
}

async function readModel(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`cannot read the model [${path}]: ${describeError(cause)}`, { cause });
  }
}
