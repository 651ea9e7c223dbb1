import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderFacts, type Machine } from './machine.ts';
import { formatRatio, formatShare, renderTable, type Table } from './table.ts';
import type { Target } from './targets.ts';

export interface Section {
  readonly title: string;
  /** Paragraphs that describe the measurement. */
  readonly notes: readonly string[];
  readonly table: Table;
}

/** The results of a run so far. */
export interface Report {
  addSection(section: Section): void;
  /** Speed of ours relative to theirs. */
  addRatio(peer: string, figure: string, ratio: number): void;
  /** Ours against theirs, as a share or, where the figure says so, in points. */
  addRmseDifference(peer: string, figure: string, difference: number): void;
  addTarget(target: Target): void;
  /** Writes Markdown, and returns it. */
  write(file: string | undefined): Promise<string>;
  readonly toJson: () => string;
}

type ByPeer = Record<string, Record<string, number>>;

export interface Preamble {
  readonly machine: Machine;
  readonly data: string;
  /** How this run differs from a full one. */
  readonly remarks: readonly string[];
}

export function createReport({ machine, data, remarks }: Preamble): Report {
  const sections: Section[] = [];
  const targets: Target[] = [];
  const ratios: ByPeer = {};
  const rmseDifferences: ByPeer = {};

  function toMarkdown(): string {
    const parts = [
      '# Forest benchmark',
      'Written by `npm run bench:forest`; [bench/README.md](../README.md) explains the figures.',
      ...remarks.map((remark) => `**${remark}**`),
      renderFacts(machine, data),
      '## Targets',
      renderTable({
        head: ['figure', 'target', 'got', 'met'],
        rows: targets.map((target) => [
          target.figure,
          target.target,
          formatGot(target),
          target.met ? 'yes' : '**no**',
        ]),
      }),
      ...sections.flatMap(({ title, notes, table }) => [`## ${title}`, ...notes, renderTable(table)]),
    ];
    return parts.join('\n\n');
  }

  return {
    addSection: (section) => void sections.push(section),
    addTarget: (target) => void targets.push(target),
    addRatio: (peer, figure, ratio) => void ((ratios[peer] ??= {})[figure] = ratio),
    addRmseDifference: (peer, figure, difference) =>
      void ((rmseDifferences[peer] ??= {})[figure] = difference),
    write: (file) => writeMarkdown(toMarkdown(), file),
    toJson: () =>
      JSON.stringify({ machine: { ...machine, data, remarks }, ratios, rmseDifferences, targets }),
  };
}

/** Formatted as the rest of the repository. @returns what was written; without a file, what would be */
export async function writeMarkdown(markdown: string, file: string | undefined): Promise<string> {
  const style = await resolveConfig(file ?? import.meta.filename);
  const text = await format(markdown, { ...style, parser: 'markdown' });
  if (file !== undefined) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return text;
}

function formatGot({ target, got }: Target): string {
  if (target.endsWith('×')) return formatRatio(got);
  return target.endsWith('%') ? formatShare(got) : got.toFixed(4);
}
