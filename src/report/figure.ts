import { html, trustedHtml, type Html } from './html.ts';
import type { Hue, Plot } from './plot.ts';

/** @returns the children and the size of an SVG; all text is escaped */
export type DrawPlot = (plot: Plot) => Promise<Drawing>;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly svg: string;
}

export interface Legend {
  readonly hue: Hue;
  readonly label: string;
}

export const HALF_WIDTH = 480;
export const WIDE_WIDTH = 720;
export const FULL_WIDTH = 980;

/** @param id unique on the page */
export async function figure(
  id: string,
  plot: Plot,
  draw: DrawPlot,
  legend: readonly Legend[] = [],
): Promise<Html> {
  const { width, height, svg } = await draw(plot);
  return html`<figure>
    <figcaption>
      ${plot.title}${legend.map(({ hue, label }) => html` <span class="key ${hue}">${label}</span>`)}
    </figcaption>
    <svg
      role="img"
      aria-labelledby="${id}-title ${id}-description"
      viewBox="0 0 ${width} ${height}"
      width="${width}"
      height="${height}"
    >
      <title id="${id}-title">${plot.title}</title>
      <desc id="${id}-description">${plot.description}</desc>
      ${trustedHtml(svg)}
    </svg>
  </figure>`;
}
