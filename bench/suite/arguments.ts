import type { Part } from './part.ts';

/** A part and the figures of it that were asked for. */
export interface Choice {
  readonly part: Part;
  readonly figures: ReadonlySet<string>;
}

/** A name on the command line that is no part. */
export class UnknownPart extends Error {
  override readonly name = 'UnknownPart';
}

/**
 * @param names as on the command line: `stream`, `forest:training`
 * @returns each part once, in the order of the suite
 * @throws UnknownPart
 */
export function chooseParts(parts: readonly Part[], names: readonly string[]): readonly Choice[] {
  const chosen = new Map<Part, Set<string>>();
  for (const name of names) {
    const [partName, figure] = name.split(':');
    const part = parts.find((one) => one.name === partName);
    const known = part?.figures ?? [];
    if (!part || (figure !== undefined && !known.includes(figure))) {
      throw new UnknownPart(`"${name}" is no part: expected some of ${listParts(parts).join(', ')}`);
    }
    const figures = chosen.get(part) ?? new Set<string>();
    for (const one of figure === undefined ? known : [figure]) figures.add(one);
    chosen.set(part, figures);
  }
  return parts.flatMap((part) => {
    const figures = chosen.get(part);
    return figures ? [{ part, figures }] : [];
  });
}

function listParts(parts: readonly Part[]): string[] {
  return parts.flatMap(({ name, figures = [] }) => [name, ...figures.map((figure) => `${name}:${figure}`)]);
}
