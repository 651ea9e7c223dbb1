import Table from 'cli-table3';
import type { Champion, RegistryEntry } from '../domain/model-registry.ts';

/** A line between all rows is more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;
const REASON_WIDTH = 60;

export interface ListedModel {
  readonly name: string;
  readonly champion: Champion | null;
}

export function modelsTable(models: readonly ListedModel[]): string {
  const table = newTable(['model', 'champion', 'since', 'RMSE', 'trained by']);
  for (const { name, champion } of models) {
    table.push([name, ...(champion ? championCells(champion) : ['none yet', '', '', ''])]);
  }
  return table.toString();
}

function championCells({ model, since }: Champion): string[] {
  return [model.version, toMinute(since), model.rmse.toFixed(4), model.run];
}

/** @param entries newest first */
export function decisionsTable(entries: readonly RegistryEntry[]): string {
  const table = new Table({
    chars: COMPACT,
    head: ['', 'at', 'what', 'model', 'why', '95 % of RMSE', 'champion'],
    colWidths: [null, null, null, null, REASON_WIDTH],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { number, at, change, model, reason, interval, champion } of entries) {
    const range = interval ? interval.map(toSigned).join(' to ') : '';
    table.push([number, toMinute(at), change, model.version, reason, range, champion ?? 'none']);
  }
  return table.toString();
}

function toSigned(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

/** `2026-11-28 02:04` */
function toMinute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function newTable(head: string[]) {
  return new Table({ chars: COMPACT, head, style: { head: [], border: [] } });
}
