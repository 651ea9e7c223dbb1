import { html, type Html } from './html.ts';

export interface Column {
  readonly label: string;
  /** Right-aligned, figures of equal width. */
  readonly isNumber?: boolean;
}

export type Cell = Html | string | number;

/** The first cell of each row names it. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Html {
  const alignment = ({ isNumber }: Column): string => (isNumber ? 'number' : 'text');
  return html`<div class="table">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${alignment(column)}">${column.label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell, i) => {
                const kind = alignment(columns[i] as Column);
                return i === 0
                  ? html`<th scope="row" class="${kind}">${cell}</th>`
                  : html`<td class="${kind}">${cell}</td>`;
              })}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A table of names and values. */
export function facts(caption: string, entries: readonly (readonly [name: string, value: Cell])[]): Html {
  return table(caption, [{ label: 'What' }, { label: 'Value' }], entries);
}
