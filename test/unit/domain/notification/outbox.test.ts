import { expect, test } from 'vitest';
import type { Notification } from '../../../../src/domain/notification/notification.ts';
import { createOutbox, outboxToMarkdown } from '../../../../src/domain/notification/outbox.ts';

function notification(id: string): Notification {
  const time = '2026-11-30T03:00:00.000Z';
  return { type: 'run.failed', id, time, workflowId: `w${id}`, runId: 'r', message: 'm', facts: {} };
}

test('gives each notification once, in the order of arrival', () => {
  const outbox = createOutbox();
  for (const id of ['1', '2', '1', '3']) outbox.add(notification(id));
  const given: string[] = [];
  for (let next = outbox.next(); next; next = outbox.next()) {
    given.push(next.id);
    outbox.ended(null);
  }
  outbox.add(notification('2'));

  expect(given).toEqual(['1', '2', '3']);
  expect(outbox.next()).toBeUndefined();
  expect(outbox.state()).toMatchObject({ sent: 3, given: 0 });
});

test('continues as new with what waits, and what it has seen', () => {
  const first = createOutbox();
  first.add(notification('1'));
  first.add(notification('2'));
  first.ended(null);
  const second = createOutbox(first.state());
  second.add(notification('1'));

  expect(second.next()?.id).toBe('2');
  second.ended(null);
  expect(second.next()).toBeUndefined();
});

test('drops and counts the oldest when too many wait, but not the one on its way', () => {
  const outbox = createOutbox();
  for (let i = 0; i < 400; i += 1) outbox.add(notification(String(i)));
  const { waiting, given } = outbox.state();

  expect(waiting.slice(0, 2).map(({ id }) => id)).toEqual(['0', '101']);
  expect(waiting.at(-1)?.id).toBe('399');
  expect(given).toBe(100);
  expect(outboxToMarkdown(outbox.state(), null)).toContain('0 sent, 300 waiting, 100 given up');
});

test('shows what was given up and why, and why the next one is not sent', () => {
  const outbox = createOutbox();
  outbox.add(notification('1'));
  outbox.ended('status 400: | no\ntable');
  const shown = outboxToMarkdown(outbox.state(), 'the receiver is away');

  expect(shown).toContain('**Needs attention**: the receiver is away');
  expect(shown).toMatch(
    /\| 2026-11-30 03:00 \| run\.failed \| w1: \*\*given up\*\*, status 400: .* no table \|/,
  );
});
