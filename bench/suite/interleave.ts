import { progress } from './progress.ts';

/** One measurement of an engine. The number of the repetition is its seed. */
export type Turn<Sample> = (repetition: number) => Promise<Sample>;

/**
 * Measures the engines in turn, so that other load on the machine affects all of them equally. Each round begins with
 * another engine.
 * @returns the samples of each, in the order of the rounds
 */
export async function interleave<Name extends string, Sample>(
  what: string,
  rounds: number,
  engines: Readonly<Record<Name, Turn<Sample>>>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(engines) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample[]>;
  for (let round = 1; round <= rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round - 1 + turn) % names.length] as Name;
      progress(`${what}: round ${round} of ${rounds}, ${name}`);
      samples[name].push(await engines[name](round));
    }
  }
  return samples;
}
