import { describe, expect, it } from 'vitest';
import Papa from 'papaparse';
import { enlargeDataset } from '../../../scripts/large-dataset.ts';

const SOURCE = [
  'title,year,votes,score,plot',
  'Alien,1979,900000,8.5,"ship, ""space"""',
  '"Heat, the film",1995,650000,8.3,',
  'Alien,,12,7,rain',
  'Jaws,1975,620000,8.1,rain',
  'Dune,2021,,8.0,rain',
].join('\n');

function enlarge(rows: number, seed = 1, columns?: readonly string[]): Record<string, string>[] {
  const text = [...enlargeDataset(SOURCE, { rows, seed, ...(columns && { columns }) })].join('');
  const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data;
}

describe('enlargeDataset', () => {
  it('writes as many rows as asked for, with distinct titles', () => {
    const rows = enlarge(1003);
    expect(rows).toHaveLength(1003);
    expect(new Set(rows.map(({ title }) => title)).size).toBe(1003);
  });

  it('keeps gaps, quotes and the decimals of the numbers', () => {
    const last = enlarge(15).slice(10);
    expect(last.map(({ plot }) => plot)).toEqual(['ship, "space"', '', 'rain', 'rain', 'rain']);
    expect(last.map(({ votes }) => votes === '')).toEqual([false, false, false, false, true]);
    expect(last.map(({ year }) => year?.length)).toEqual([4, 4, 0, 4, 4]);
    expect(last.map(({ score }) => score?.includes('.'))).toEqual([true, true, false, true, true]);
  });

  it('changes large numbers from copy to copy', () => {
    const votes = enlarge(500).flatMap((row) => (row['title']?.startsWith('Jaws') ? [row['votes']] : []));
    expect(votes[0]).toBe('620000');
    expect(new Set(votes).size).toBe(100);
  });

  it('writes the same text for the same seed', () => {
    expect(enlarge(100)).toEqual(enlarge(100));
    expect(enlarge(100, 2)).not.toEqual(enlarge(100));
  });

  it('writes only the columns that are wanted', () => {
    expect(Object.keys(enlarge(3, 1, ['score', 'title'])[2] ?? {})).toEqual(['score', 'title']);
    expect(() => enlarge(3, 1, ['genre'])).toThrow('no column genre (found: title, year');
  });
});
