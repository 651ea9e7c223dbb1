import fc from 'fast-check';
import { expect } from 'vitest';
import { DatasetError } from '../../../../src/domain/errors.ts';
import { loadCsv } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const ROWS = 120;
const COLUMNS = 'id,title,budget,votes,score';

interface Film {
  readonly id: string;
  readonly line: string;
  readonly budget: number;
  readonly votes: number;
  readonly score: number;
}

/** Some titles are quoted, some hold delimiters, quotes and line ends. */
function filmOf(i: number): Film {
  const titles = [`Film ${i}`, `"Film, ${i}"`, `"The ""${i}"""`, `"Film\n${i}"`, `Film ${i}" disk`];
  const [budget, votes, score] = [1_000 + i * 7, (i * 37) % 1_013, 1 + ((i * 13) % 90) / 10];
  return {
    id: `tt${i}`,
    line: `tt${i},${titles[i % titles.length]},${budget},${votes},${score}`,
    budget,
    votes,
    score,
  };
}

const films = Array.from({ length: ROWS }, (_, i) => filmOf(i));

/** What was done to the file, and the rows that it may have changed. */
interface Damage {
  readonly text: string | Uint8Array;
  readonly touched: ReadonlySet<string>;
}

const lines = films.map(({ line }) => line);
const whole = `${COLUMNS}\n${lines.join('\n')}\n`;
const starts = films.map(
  (_, i) => COLUMNS.length + 1 + lines.slice(0, i).join('\n').length + (i > 0 ? 1 : 0),
);
const idAt = (offset: number): string =>
  films[starts.findLastIndex((start) => start <= offset)]?.id ?? 'header';
const place = fc.integer({ min: COLUMNS.length + 1, max: whole.length - 1 });
const row = fc.integer({ min: 0, max: ROWS - 1 });

const damages: fc.Arbitrary<Damage> = fc.oneof(
  place.map((at) => ({
    text: whole.slice(0, at),
    touched: new Set(
      films.filter((_, i) => (starts[i] ?? 0) + (lines[i] as string).length > at).map(({ id }) => id),
    ),
  })),
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] as number) ^ mask;
    return { text: new Uint8Array(bytes), touched: new Set([idAt(at), idAt(at + 1)]) };
  }),
  place.map((at) => ({ text: `${whole.slice(0, at)}"${whole.slice(at)}`, touched: new Set([idAt(at)]) })),
  fc.tuple(row, fc.constantFrom('twice', 'short', 'long', 'empty')).map(([i, kind]) => {
    const line = lines[i] as string;
    const changed = {
      twice: `${line}\n${line}`,
      short: line.slice(0, line.lastIndexOf(',')),
      long: `${line},1`,
      empty: '',
    };
    return {
      text: `${COLUMNS}\n${lines.with(i, changed[kind]).join('\n')}\n`,
      touched: new Set([films[i]?.id ?? '']),
    };
  }),
);

test('a damaged file gives a typed error or counted drops, never another value', async ({ dir }) => {
  await fc.assert(
    fc.asyncProperty(damages, async ({ text, touched }) => {
      let loaded;
      try {
        loaded = await loadCsv(dir, text, {
          target: 'score',
          key: 'id',
          features: ['budget', 'votes'],
          maxBadRows: 0.1,
        });
      } catch (error) {
        expect(error).toBeInstanceOf(DatasetError);
        return;
      }
      const { table, result } = loaded;
      let lost = 0;
      const found = table.keys.map((key, i) => ({
        key,
        values: [table.columns[0]?.[i], table.columns[1]?.[i], table.targets[i]],
      }));
      for (const { id, budget, votes, score } of films) {
        if (touched.has(id)) continue;
        // A damaged id may be the id of another row, so there may be two.
        const rowsOfId = found.filter(({ key }) => key === id);
        if (rowsOfId.length === 0) lost += 1;
        else expect(rowsOfId.map(({ values }) => values)).toContainEqual([budget, votes, score]);
      }
      const { rows } = result;
      expect(lost).toBeLessThanOrEqual(rows.dropped);
      expect(rows.dropped).toBe(rows.bad + rows.empty + rows.unreadable);
      expect(rows.kept).toBe(rows.loaded - rows.dropped);
    }),
    { numRuns: 400 },
  );
});
