import { expect, test } from 'vitest';
import { mergeExpositions } from '../../../../src/adapters/http/merge-expositions.ts';

test('metrics of two processes are one exposition whose samples tell the process', () => {
  const first = [
    '# HELP rows Rows.',
    '# TYPE rows counter',
    'rows{step="load"} 3',
    '# HELP up Up.',
    '# TYPE up gauge',
    'up 1',
    '',
  ];
  const second = ['# HELP rows Rows.', '# TYPE rows counter', 'rows{step="a } b"} 4', ''];

  const merged = mergeExpositions([
    { number: 1, text: first.join('\n') },
    { number: 2, text: second.join('\n') },
    { number: 3, text: undefined },
  ]);

  expect(merged).toBe(
    [
      '# HELP rows Rows.',
      '# TYPE rows counter',
      'rows{process="1",step="load"} 3',
      'rows{process="2",step="a } b"} 4',
      '',
      '# HELP up Up.',
      '# TYPE up gauge',
      'up{process="1"} 1',
      '',
    ].join('\n'),
  );
});
