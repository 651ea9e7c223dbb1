import { describe, expect, test } from 'vitest';
import { parseRepair } from '../../../../src/cli/streams/repair.ts';

describe('a repair', () => {
  test('names the update and its batches, or all of them', () => {
    expect(parseRepair('x', { retry: true })).toEqual({ update: 'retryFailed', batches: undefined });
    expect(parseRepair('x', { skip: ['3', '7'] })).toEqual({ update: 'skipFailed', batches: [3, 7] });
    expect(parseRepair('x', { retry: ['3,7', '9'] })).toEqual({ update: 'retryFailed', batches: [3, 7, 9] });
  });

  test('must be one of --retry and --skip, with numbers', () => {
    expect(() => parseRepair('x', {})).toThrow(/got neither.*"imdb stream status x"/);
    expect(() => parseRepair('x', { retry: true, skip: ['1'] })).toThrow('got both');
    for (const wrong of ['a', '-1', '1.5', '', '1,']) {
      expect(() => parseRepair('x', { retry: [wrong] })).toThrow('expected a number');
    }
  });
});
