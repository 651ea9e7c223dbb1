import { InvalidArgumentError, type Command } from 'commander';
import { collectSetting } from './settings.ts';

/** The text of every `--json`. */
export const JSON_HELP = 'print one JSON object as the last line of stdout';

/** Adds the options that {@link RunInputOptions} holds. */
export function withInput(command: Command): Command {
  return command
    .option('--input <file>', 'JSON file with the input')
    .option(
      '--set <key=value>',
      'override one input field, e.g. forest.trees=50 or dataset.features=budget,duration',
      collectSetting,
      [],
    );
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a number, 1 or more');
  return Number(text);
}

/** The server's own limit. */
const MAX_ID_LENGTH = 1_000;

/** The id of a workflow or a schedule. */
export function parseId(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected an id, got an empty text');
  if (text.length <= MAX_ID_LENGTH) return text;
  throw new InvalidArgumentError(`expected at most ${MAX_ID_LENGTH} characters, got ${text.length}`);
}
