import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SPARK_VERSION } from '../../../bench/setup/spark.ts';
import { chooseParts, UnknownPart } from '../../../bench/suite/arguments.ts';
import { interleave } from '../../../bench/suite/interleave.ts';
import type { Part } from '../../../bench/suite/part.ts';
import { targetTable } from '../../../bench/suite/results.ts';
import { median } from '../../../bench/suite/statistics.ts';
import { atLeast, atMost, belowMebibytes } from '../../../bench/suite/target.ts';

const part = (name: string, figures: readonly string[] = []): Part => ({
  name,
  question: '',
  figures,
  run: async () => undefined,
});
const PARTS = [part('stream'), part('forest', ['training', 'memory'])];
const chosen = (...names: string[]) =>
  chooseParts(PARTS, names).map(({ part: { name }, figures }) => [name, ...figures]);

test('the median of an even number of values is between the middle two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 2, 4])).toBe(3);
});

test('a part is measured once, with the named figures, in the order of the suite', () => {
  expect(chosen('forest:memory', 'stream', 'stream')).toEqual([['stream'], ['forest', 'memory']]);
  expect(chosen('forest')).toEqual([['forest', 'training', 'memory']]);
});

test('an unknown part or figure is refused with the names that exist', () => {
  expect(() => chosen('streams')).toThrow(UnknownPart);
  expect(() => chosen('forest:speed')).toThrow('stream, forest, forest:training, forest:memory');
});

test('a target is met on its side of the limit', () => {
  expect([atLeast('a', 2, 2), atLeast('a', 2, 1.99)].map(({ met }) => met)).toEqual([true, false]);
  expect([atMost('b', 3, 3), atMost('b', 3, 3.01)].map(({ met }) => met)).toEqual([true, false]);
  expect(belowMebibytes('c', 700, 700 * 2 ** 20).met).toBe(false);
});

test('the table of targets shows the value and marks what is missed', () => {
  const table = targetTable([atLeast('score', 2, 2.5), atMost('load', 3, 4)]);

  expect(table.split('\n').slice(2)).toEqual([
    '| score | ≥ 2× | 2.50× | yes |',
    '| load | ≤ 3× | 4.00× | **no** |',
  ]);
});

test('each round begins with another engine', async () => {
  const order: string[] = [];
  const engine = (name: string) => async (round: number) => {
    order.push(name);
    return round;
  };

  const samples = await interleave('test', 2, { ours: engine('ours'), theirs: engine('theirs') });

  expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours']);
  expect(samples).toEqual({ ours: [1, 2], theirs: [1, 2] });
});

test('Spark and its Kafka source have the same version', () => {
  const read = (file: string) => readFileSync(new URL(`../../../bench/${file}`, import.meta.url), 'utf8');

  expect(read('setup/spark-jars.xml')).toContain(`<version>${SPARK_VERSION}</version>`);
  expect(read('requirements/spark.txt')).toContain(`pyspark==${SPARK_VERSION}\n`);
});
