import { describe, expect, test } from 'vitest';
import { judge, predictionsSha256, type Evidence } from '../../faults/report/oracle.ts';

const predictions = [
  { id: '2', prediction: 6.5 },
  { id: '10', prediction: 7.25 },
];

const CLEAN: Evidence = {
  inputs: ['10', 'batch/3', '2', '4'],
  expectedInputs: ['2', '4', '10', 'batch/3'],
  expected: ['2', '4', '10'],
  predictions,
  deadLetters: ['4'],
  expectedSha256: predictionsSha256(predictions),
};

describe('the oracle', () => {
  test('finds nothing when every row was published once and has one outcome', () => {
    expect(judge(CLEAN)).toMatchObject({
      rowsIn: 3,
      predicted: 2,
      deadLettered: 1,
      lost: [],
      duplicated: [],
      unexpected: [],
      isHashEqual: true,
    });
  });

  test('reports a row that was neither predicted nor dead-lettered as lost', () => {
    expect(judge({ ...CLEAN, deadLetters: [] }).lost).toEqual(['4']);
  });

  test('reports a row that was never published as lost, also one that is only read back', () => {
    expect(judge({ ...CLEAN, inputs: ['10', '2', '4'] }).lost).toEqual(['batch/3']);
  });

  test('reports a row published twice, predicted twice, or predicted and dead-lettered', () => {
    expect(judge({ ...CLEAN, inputs: [...CLEAN.inputs, 'batch/3'] }).duplicated).toEqual(['batch/3']);
    expect(judge({ ...CLEAN, predictions: [...predictions, ...predictions] }).duplicated).toEqual([
      '2',
      '10',
    ]);
    expect(judge({ ...CLEAN, deadLetters: ['4', '2'] }).duplicated).toEqual(['2']);
  });

  test('reports a prediction of a row that was not expected', () => {
    const more = [...predictions, { id: '11', prediction: 5 }];
    expect(judge({ ...CLEAN, predictions: more }).unexpected).toEqual(['11']);
  });

  test('reports a prediction that changed, and not one that arrived in another order', () => {
    const changed = [{ id: '2', prediction: 6.500000000000001 }, ...predictions.slice(1)];
    expect(judge({ ...CLEAN, predictions: changed }).isHashEqual).toBe(false);
    expect(judge({ ...CLEAN, predictions: predictions.toReversed() }).isHashEqual).toBe(true);
  });
});
