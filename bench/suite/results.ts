import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describeMachine, renderFacts } from './machine.ts';
import { describeNoise, type Noise } from './noise.ts';
import { renderTable, type Table } from './table.ts';
import type { Target } from './target.ts';

/** Of a part. */
interface PartTitle {
  readonly name: string;
  readonly question: string;
}

export interface Section {
  readonly title: string;
  /** Paragraphs that describe the measurement. */
  readonly notes: readonly string[];
  readonly table: Table;
}

/** What a part has measured so far. */
export interface Results {
  addSection(section: Section): void;
  addTarget(target: Target): void;
  /** How this run differs from a whole one: a peer that is missing, fewer rows. */
  addRemark(text: string): void;
  /** Versions by name. */
  addPeers(versions: Readonly<Record<string, string>>): void;
  /** What was measured, on which rows. */
  setData(text: string): void;
  /** Speed of ours relative to theirs, for `--json`. */
  addRatio(peer: string, figure: string, ratio: number): void;
  /** Any other number, for `--json`. */
  addFigure(name: string, value: number): void;
  /** Writes the part's page. */
  save(): Promise<void>;
}

export interface PartResults extends Results {
  setNoise(noise: Noise): void;
  readonly targets: () => readonly Target[];
  readonly toMarkdown: () => string;
  readonly toJson: () => PartJson;
}

export interface PartJson {
  readonly data: string;
  readonly remarks: readonly string[];
  readonly peers: Readonly<Record<string, string>>;
  /** By peer and figure. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly figures: Readonly<Record<string, number>>;
  readonly targets: readonly Omit<Target, 'text'>[];
  readonly noise: Noise | null;
}

/** @param output the folder of the pages; none are written when it is absent */
export function createResults(part: PartTitle, output: string | undefined): PartResults {
  const sections: Section[] = [];
  const targets: Target[] = [];
  const remarks: string[] = [];
  const peers: Record<string, string> = {};
  const ratios: Record<string, Record<string, number>> = {};
  const figures: Record<string, number> = {};
  let data = '';
  let noise: Noise | undefined;

  function toMarkdown(): string {
    const facts = [
      renderFacts(describeMachine(peers), data),
      noise ? `- noise: ${describeNoise(noise)}` : '- **stopped before its end**',
    ];
    return [
      `# Benchmark: ${part.name}`,
      part.question,
      `Written by \`npm run bench -- ${part.name}\`; [bench/README.md](../README.md) explains the figures.`,
      ...remarks.map((remark) => `**${remark}**`),
      facts.join('\n'),
      ...(targets.length > 0 ? ['## Targets', targetTable(targets)] : []),
      ...sections.flatMap(({ title, notes, table }) => [`## ${title}`, ...notes, renderTable(table)]),
    ].join('\n\n');
  }

  return {
    addSection: (section) => void sections.push(section),
    addTarget: (target) => void targets.push(target),
    addRemark: (text) => void remarks.push(text),
    addPeers: (versions) => void Object.assign(peers, versions),
    setData: (text) => void (data = text),
    addRatio: (peer, figure, ratio) => void ((ratios[peer] ??= {})[figure] = ratio),
    addFigure: (name, value) => void (figures[name] = value),
    setNoise: (measured) => void (noise = measured),
    async save() {
      if (output !== undefined) await writeMarkdown(toMarkdown(), join(output, `${part.name}.md`));
    },
    targets: () => targets,
    toMarkdown,
    toJson: () => ({
      data,
      remarks,
      peers,
      ratios,
      figures,
      targets: targets.map(({ text: _text, ...target }) => target),
      noise: noise ?? null,
    }),
  };
}

/** @returns the targets of a part, or of all parts */
export function targetTable(targets: readonly Target[]): string {
  return renderTable({
    head: ['figure', 'target', 'got', 'met'],
    rows: targets.map(({ figure, target, text, met }) => [figure, target, text, met ? 'yes' : '**no**']),
  });
}

/** Formatted as the rest of the repository. */
export async function formatMarkdown(markdown: string): Promise<string> {
  const style = await resolveConfig(import.meta.filename);
  return format(markdown, { ...style, parser: 'markdown' });
}

async function writeMarkdown(markdown: string, file: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, await formatMarkdown(markdown));
}
