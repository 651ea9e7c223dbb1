import { isObject, readInput, readJsonFile, type RunInputOptions } from './run-input.ts';
import { parseSchedulePlan, type SchedulePlan } from './schedule-plan.ts';

export interface SchedulePlanOptions extends RunInputOptions {
  readonly file?: string;
  readonly at?: readonly string[];
  readonly timezone?: string;
}

/** The file, then the flags over it. */
export async function readSchedulePlan(options: SchedulePlanOptions): Promise<SchedulePlan> {
  const { file, at, timezone } = options;
  const given = file === undefined ? {} : await readJsonFile('--file', file);
  const input = given['input'];
  return parseSchedulePlan({
    ...given,
    ...(at !== undefined && { at }),
    ...(timezone !== undefined && { timezone }),
    // An input that is no object is for the schema to refuse.
    ...((input === undefined || isObject(input)) && { input: await readInput(options, input) }),
  });
}
