import danfo, { type DataFrame } from 'danfojs-node';
import type { DataFrames, Frame } from '../../activities/dataset/data-frames.ts';

/** danfo makes every column a property of its frame; a column called "index" or "values" would replace danfo's own. */
const PREFIX = 'column:';

export const danfoFrames: DataFrames = {
  fromRows(columns, rows) {
    return toFrame(new danfo.DataFrame(rows, { columns: columns.map(toInternal) }));
  },
};

/** The used part of a danfo frame; its own declarations disagree on the class. */
type DanfoFrame = Pick<DataFrame, 'column' | 'values'>;

function toFrame(frame: DanfoFrame): Frame {
  return {
    doubles: (column) =>
      frame.column(toInternal(column)).values.map((cell) => (typeof cell === 'number' ? cell : Number.NaN)),
    vectors: () => frame.values as number[][],
  };
}

function toInternal(column: string): string {
  return `${PREFIX}${column}`;
}
