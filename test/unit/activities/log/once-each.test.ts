import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onceEach } from '../../../../src/activities/log/once-each.ts';

const key = fc.oneof(
  fc.nat(5).map((row) => `run/1/stream/${row}`),
  fc.nat(2 ** 40).map((row) => `run/1/stream/${row}`),
  fc.constantFrom('run/1/stream/07', 'run/1/batch/7', 'row-7', ''),
  fc.constant(null),
);

test('each key passes once, whether the run or another producer wrote it', () => {
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      const passed: (string | null)[] = [];
      const onRecord = onceEach(
        'run/1',
        'stream',
        () => true,
        (record) => passed.push(record.key && new TextDecoder().decode(record.key)),
      );
      for (const [offset, text] of keys.entries()) {
        const bytes = text === null ? null : new TextEncoder().encode(text);
        const record = { partition: 0, offset, timestamp: '0', key: bytes, value: null, headers: [] };
        onRecord(record, () => undefined);
      }

      expect(passed).toEqual(keys.filter((text, i) => text === null || keys.indexOf(text) === i));
    }),
  );
});
