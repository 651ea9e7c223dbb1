import protobuf from 'protobufjs/light.js';
import { expect, test } from 'vitest';
import { toOnnx } from '../../../../src/adapters/onnx/forest.ts';
import { decodeForest, type Forest } from '../../../../src/forest/forest-file.ts';
import { forestBytesOf, type HandMadeNode } from '../../../support/unit/model-file.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const ABOUT = {
  version: '0123456789ab',
  engine: 'ml-random-forest',
  target: 'imdb_score',
  features: ['gross', 'Länge, "min"', 'votes'],
};

/** Field numbers as in onnx.proto. */
const FIELD = { docString: 6, graph: 7, metadataProps: 14, key: 1, value: 2 } as const;
const LENGTH_DELIMITED = 2;

/** The bytes of all length-delimited fields of a number, read without any schema. */
function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = protobuf.Reader.create(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === wanted && (tag & 7) === LENGTH_DELIMITED) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}

function textOf(message: Uint8Array, field: number): string {
  return new TextDecoder().decode(fieldsOf(message, field)[0]);
}

function forestOf(...trees: (readonly HandMadeNode[])[]): Forest {
  return decodeForest('the test', forestBytesOf(3, ...trees));
}

test('the file carries version, engine, target and the features in column order', () => {
  const bytes = toOnnx(forestOf([5]), ABOUT);

  const entries = fieldsOf(bytes, FIELD.metadataProps).map((entry) => [
    textOf(entry, FIELD.key),
    textOf(entry, FIELD.value),
  ]);
  const { features, ...others } = Object.fromEntries(entries) as Record<string, string>;
  expect(others).toEqual({ version: '0123456789ab', engine: 'ml-random-forest', target: 'imdb_score' });
  expect(JSON.parse(features ?? '')).toEqual(ABOUT.features);
  expect(textOf(bytes, FIELD.docString)).toBe(
    'Random forest regression of imdb_score: model 0123456789ab of the engine ml-random-forest.',
  );
});

test('the same forest is the same file', () => {
  expect(toOnnx(forestOf([[1, 2, 0], 5, 6]), ABOUT)).toEqual(toOnnx(forestOf([[1, 2, 0], 5, 6]), ABOUT));
});

test('a forest of 400,000 nodes is exported', () => {
  const chain: HandMadeNode[] = [...numbersBelow(500).flatMap((i) => [[i, 2 * i + 2, 0] as const, 1]), 1];
  const forest = forestOf(...numbersBelow(400).map(() => chain));
  expect(forest.nodeCount).toBe(400_400);

  const bytes = toOnnx(forest, ABOUT);

  expect(fieldsOf(bytes, FIELD.graph)[0]?.length).toBeGreaterThan(400_400 * 16);
});

test('more nodes than a protobuf message can hold are refused before memory runs out', () => {
  const starts = new Uint32Array(0);
  const forest = { ...forestOf([5]), starts, words: new Uint32Array(0), nodeCount: 40_000_001 };

  expect(() => toOnnx(forest, ABOUT)).toThrow(
    'the forest is too large for ONNX: expected at most 40000000 nodes, got 40000001',
  );
});
