import { expect, test } from 'vitest';
import { parseProposal } from '../../../src/domain/registry/registry-input.ts';
import { parseContinuousInput, parseRangesInput } from '../../../src/domain/stream/stream-input.ts';

const SHA256 = 'a'.repeat(64);
const artifact = { uri: 'runs/nightly/model-aaaaaaaaaaaa.model', sha256: SHA256, bytes: 1, rows: 1 };

function parseAll(given: object): (() => unknown)[] {
  const model = { version: 'v', artifact: { ...artifact, ...given } };
  const proposal = {
    ...model,
    profile: { ...artifact, ...given },
    schemaSha256: 's',
    split: { rule: 'x', sha256: 'y', keyless: 0 },
    run: 'r',
    rmse: 1,
  };
  const rest = { verdict: 'promote', reason: 'x', against: null, comparison: null };
  return [
    () => parseContinuousInput({ model }),
    () => parseRangesInput({ model, ranges: [], run: 'r', topic: 'a1', stream: {} }),
    () => parseProposal({ model: proposal, ...rest }),
  ];
}

test('a reference as runs write it is accepted wherever an operator can send one', () => {
  for (const parse of parseAll({})) expect(parse).not.toThrow();
});

test.for([
  { uri: '../secret' },
  { uri: 'runs/../../secret' },
  { uri: '/etc/passwd' },
  { uri: 'runs\\..\\..\\secret' },
  { uri: 'runs/a\0' },
  { uri: '' },
  { uri: `runs/${'x'.repeat(300)}` },
  { uri: 'x/'.repeat(3_000) },
  { sha256: '../'.repeat(21) + 'a' },
  { bytes: -1 },
])('a reference that leads out is refused wherever an operator can send one: %j', (given) => {
  for (const parse of parseAll(given)) {
    expect(parse).toThrow(expect.objectContaining({ name: 'InvalidInput' }) as Error);
  }
});
