import { expect, test } from 'vitest';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import { requireFields } from '../../../../src/domain/stream/workflow-inputs.ts';

interface Input {
  readonly run: string;
  readonly batch: number;
}

test('a complete input is returned unchanged', () => {
  const input = { run: 'nightly/1', batch: 0 };

  expect(requireFields<Input>('scoreMicroBatch', input, ['run', 'batch'])).toBe(input);
});

test.for([undefined, null, 'x', 7, {}, []])(
  'a manual start with %j fails and names all missing fields',
  (input) => {
    const check = () => requireFields<Input>('scoreMicroBatch', input, ['run', 'batch']);

    expect(check).toThrow(InvalidInput);
    expect(check).toThrow(
      'the input of scoreMicroBatch is incomplete: expected an object with run, batch, got none of run, batch',
    );
  },
);

test('a manual start with half an input fails and names the other half', () => {
  expect(() => requireFields<Input>('scoreMicroBatch', { run: 'x' }, ['run', 'batch'])).toThrow(
    'got none of batch.',
  );
});
