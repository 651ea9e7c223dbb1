import {
  columnText,
  describeBadRows,
  describeKey,
  type LoadedData,
  sampleText,
} from '../../domain/dataset/data-facts.ts';
import type { ColumnGaps } from '../../domain/dataset/dataset-columns.ts';
import { describeDialect } from '../../domain/dataset/dialect.ts';
import { MAX_REPORTED_COLUMNS, type PipelineResult } from '../../domain/run/step-results.ts';
import { shortText } from '../../domain/text.ts';
import { figure, FULL_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, share } from '../numbers.ts';
import type { Plot } from '../plot.ts';
import type { Section } from '../section.ts';
import { facts, table } from '../table.ts';

type Dataset = PipelineResult['dataset'];

/** More bars would be unreadable; the table lists more columns. */
const MAX_BARS = 20;
/** Those with gaps or a notation come first; a file may have thousands. */
const MAX_COLUMNS = 100;
const MAX_REASON_CHARS = 200;

export const dataset: Section = {
  id: 'dataset',
  title: 'Data',
  async body({ result: { dataset: read, rows, published, consumed } }, draw) {
    const { source, gaps } = read;
    return html`<p>
        ${count(rows.kept)} of ${count(rows.loaded)} rows of ${source.path} were kept
        (${share(rows.kept, rows.loaded)}). A row is dropped when a used column has no finite number in it.
      </p>
      ${facts('The file', [
        ['Name', source.path],
        ['Bytes', count(source.bytes)],
        ['Written as', describeDialect(read.dialect) || 'comma, utf-8'],
        ['Key', describeKey(read)],
        ...describeBadRows(read).map((text): [string, string] => ['Bad rows', text]),
      ])}
      ${rowsTable(rows, published, consumed)} ${gaps.length === 0 ? [] : await gapsFigure(read, draw)}
      ${usedTable(read, rows.loaded)} ${leftOutTable(read)}`;
  },
};

function rowsTable(
  rows: PipelineResult['rows'],
  published: PipelineResult['published'],
  consumed: PipelineResult['consumed'],
): Html {
  const line = (label: string, number: number, more: readonly number[] = []): string[] => [
    label,
    count(number),
    share(number, rows.loaded),
    ...[...more.map(count), '', ''].slice(0, 2),
  ];
  return table(
    'Rows',
    ['Rows', 'Number', 'Of all', 'Published', 'Read back'].map((label, i) => ({ label, isNumber: i > 0 })),
    [
      line('Train', rows.train),
      line('Batch', rows.batch, [published.batch, consumed.batch]),
      line('Stream', rows.stream, [published.stream, consumed.stream]),
      line('Dropped: an empty cell', rows.empty),
      line('Dropped: an unreadable cell', rows.unreadable),
      line('Dropped: a bad row', rows.bad),
      line('All', rows.loaded),
    ],
  );
}

function gapsFigure({ gaps }: Dataset, draw: DrawPlot): Promise<Html> {
  const shown = gaps.slice(0, MAX_BARS);
  const [first] = shown;
  const plot: Plot = {
    title: gaps.length > MAX_BARS ? `The ${MAX_BARS} columns with the most gaps` : 'Columns with gaps',
    description: `Bars of ${shown.length} columns; ${first && columnText(first.column)} has the most gaps: ${first && first.missing + first.unreadable}.`,
    width: FULL_WIDTH,
    height: 60 + 24 * shown.length,
    x: { title: 'rows', isWhole: true },
    y: { title: '', names: shown.map(({ column }) => columnText(column)) },
    layers: [
      {
        mark: 'bars',
        hue: 'first',
        bars: shown.map(({ column, missing }) => ({ name: columnText(column), x: [0, missing] })),
      },
      {
        mark: 'bars',
        hue: 'second',
        bars: shown.map(({ column, missing, unreadable }) => ({
          name: columnText(column),
          x: [missing, missing + unreadable],
        })),
      },
    ],
  };
  return figure('gaps', plot, draw, [
    { hue: 'first', label: 'empty' },
    { hue: 'second', label: 'unreadable' },
  ]);
}

function usedTable({ features, target, gaps, notations }: Dataset, loaded: number): Html {
  const notationOf = new Map(notations.map((found) => [found.column, found]));
  const gapsOf = new Map(gaps.map((found) => [found.column, found]));
  const used = [...features, target];
  const isPlain = (column: string): boolean => !gapsOf.has(column) && !notationOf.has(column);
  const shown = [
    ...gaps.map(({ column }) => column),
    ...used.filter((column) => notationOf.has(column) && !gapsOf.has(column)),
    // The result names a bounded number of columns: beyond it, nothing is known about the others.
    ...(gaps.length < MAX_REPORTED_COLUMNS ? used.filter(isPlain) : []),
  ].slice(0, MAX_COLUMNS);
  const some =
    shown.length < used.length ? `, the first ${count(shown.length)} of ${count(used.length)}` : '';
  return table(
    `Used columns${some}. A row with gaps in two columns counts in both`,
    [
      { label: 'Column' },
      { label: 'Kept', isNumber: true },
      { label: 'Empty', isNumber: true },
      { label: 'Unreadable', isNumber: true },
      { label: 'First unreadable cell' },
      { label: 'Written with' },
    ],
    shown.map((column) =>
      usedRow(column, column === target, loaded, gapsOf.get(column), notationOf.get(column)),
    ),
  );
}

function usedRow(
  column: string,
  isTarget: boolean,
  loaded: number,
  { missing = 0, unreadable = 0, firstUnreadable }: Partial<ColumnGaps> = {},
  notated?: LoadedData['notations'][number],
): string[] {
  return [
    isTarget ? `${columnText(column)} (target)` : columnText(column),
    share(loaded - missing - unreadable, loaded),
    count(missing),
    count(unreadable),
    firstUnreadable ? `row ${firstUnreadable.row}: ${sampleText(firstUnreadable.text)}` : '',
    notated ? `${shortText(notated.notation, MAX_REASON_CHARS)}: ${sampleText(notated.sample)}` : '',
  ];
}

function leftOutTable({ leftOut, leftOutCount }: Dataset): Html | [] {
  if (leftOutCount === 0) return [];
  const more = leftOutCount - leftOut.length;
  return table(
    more > 0 ? `Columns left out, the first ${leftOut.length} of ${count(leftOutCount)}` : 'Columns left out',
    [{ label: 'Column' }, { label: 'Why' }, { label: 'First cell' }],
    leftOut.map(({ column, reason, sample }) => [
      columnText(column),
      shortText(reason, MAX_REASON_CHARS),
      sample === null ? '' : sampleText(sample),
    ]),
  );
}
