import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/cli/shared/exit.ts';
import { parseStart, withFlags } from '../../../../src/cli/streams/start.ts';
import { parseContinuousInput } from '../../../../src/domain/stream/stream-input.ts';

const model = { version: 'abc', artifact: { uri: 'm.model', sha256: 'a'.repeat(64), bytes: 1, rows: 1 } };

describe('--from', () => {
  test.for([
    ['earliest', 'earliest'],
    ['latest', 'latest'],
    ['2026-11-22T02:00:00Z', { timestamp: '2026-11-22T02:00:00Z' }],
    ['2026-11-22T02:00:00.5+01:00', { timestamp: '2026-11-22T02:00:00.5+01:00' }],
    ['0:1200', { offsets: { 0: 1200 } }],
    ['0:1200,1:900', { offsets: { 0: 1200, 1: 900 } }],
  ] as const)('%s is a start that the stream accepts', ([text, start]) => {
    expect(parseStart(text)).toEqual(start);
    expect(parseContinuousInput({ model, start: parseStart(text) }).start).toEqual(start);
  });

  test.for(['', 'newest', '2026-11-22', '2026-11-22T02:00:00', '2026-13-45T99:00:00Z', '0:', '0:1,', '0:-1'])(
    '"%s" is refused with a list of the accepted forms',
    (text) => {
      expect(() => parseStart(text)).toThrow(UsageError);
      expect(() => parseStart(text)).toThrow(
        `--from ${text}: expected earliest, latest, a time with its zone like 2026-11-22T02:00:00Z, ` +
          'or an offset for every partition like 0:1200,1:900',
      );
    },
  );

  test('a partition named twice and an offset too large for a number are refused', () => {
    expect(() => parseStart('0:1,0:2')).toThrow('--from 0:1,0:2: partition 0 is named twice');
    expect(() => parseStart('0:99999999999999999')).toThrow('too large');
  });
});

describe('flags of a stream', () => {
  test('override the input, and other fields keep their values', () => {
    const input = { topic: 'a2', trigger: { maxRows: 5, intervalSeconds: 1 }, stream: { inFlight: 2 } };

    expect(withFlags(input, {})).toEqual(input);
    expect(withFlags(input, { topic: 'a3', from: 'latest', startOver: true, interval: '2.5' })).toEqual({
      topic: 'a3',
      start: 'latest',
      startOver: true,
      stream: { inFlight: 2 },
      trigger: { maxRows: 5, intervalSeconds: 2.5 },
    });
    expect(withFlags(input, { availableNow: true })).toMatchObject({ trigger: 'available-now' });
    expect(withFlags({ trigger: 'available-now' }, { interval: '3' })).toEqual({
      trigger: { intervalSeconds: 3 },
    });
  });

  test.for(['', 'often', '-1', '1e3', '5s'])('--interval "%s" is refused', (interval) => {
    expect(() => withFlags({}, { interval })).toThrow(`--interval ${interval}: expected seconds`);
  });
});
