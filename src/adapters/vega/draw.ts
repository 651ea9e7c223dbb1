import * as vega from 'vega';
import { compile, type Config, type TopLevelSpec } from 'vega-lite';
import type { Drawing } from '../../report/figure.ts';
import type { Axis, Hue, Layer, Plot } from '../../report/plot.ts';

/** Variables of the page's style sheet, which sets them for light mode, dark mode and print. */
const COLOURS: Readonly<Record<Hue, string>> = {
  first: 'var(--first)',
  second: 'var(--second)',
  third: 'var(--third)',
  ink: 'currentColor',
};

const CONFIG: Config = {
  // The page describes the plot; Vega would label every mark.
  aria: false,
  background: 'transparent',
  // Without a canvas Vega estimates the width of text, and overestimates it.
  font: 'sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: 'var(--soft)',
    titleColor: 'var(--soft)',
    titleFontWeight: 'normal',
    labelFontSize: 12,
    titleFontSize: 12,
    labelLimit: 320,
    labelFlush: false,
    gridColor: 'var(--grid)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
  },
};

/** A plot as SVG, without a browser; takes some dozens of milliseconds. The same plot gives the same text. */
export async function drawPlot(plot: Plot): Promise<Drawing> {
  const { spec } = compile(toSpec(plot), { config: CONFIG, logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return toDrawing(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** The page writes the outer element with a title and a description. */
function toDrawing(document: string): Drawing {
  const [, attributes = '', svg = ''] = /^<svg([^>]*)>(.*)<\/svg>$/s.exec(document) ?? [];
  const sizeOf = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(attributes)?.[1]);
  return { width: sizeOf('width'), height: sizeOf('height'), svg };
}

function toSpec({ width, height, x, y, layers }: Plot): TopLevelSpec {
  return {
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    layer: layers.map((layer) => toLayer(layer, x, y)) as never,
  };
}

function toLayer(layer: Layer, x: Axis, y: Axis) {
  const color = COLOURS[layer.hue];
  const channels = (from: string) => ({ x: toChannel(`x${from}`, x), y: toChannel(`y${from}`, y) });
  switch (layer.mark) {
    case 'points': {
      const style = layer.isLarge ? { size: 60, opacity: 1 } : { size: 28, opacity: 0.55 };
      return {
        data: { values: layer.at },
        mark: { type: 'point', filled: true, color, ...style },
        encoding: channels(''),
      };
    }
    case 'line':
      return {
        data: { values: layer.at },
        mark: { type: 'line', color, ...(layer.isDashed ? { strokeDash: [4, 4], strokeWidth: 1 } : {}) },
        encoding: channels(''),
      };
    case 'rule':
      return {
        data: { values: [{ x: layer.x }] },
        mark: { type: 'rule', color, strokeDash: [4, 4] },
        encoding: { x: toChannel('x', x) },
      };
    case 'boxes':
      return {
        data: { values: layer.boxes.map(({ x: [x1, x2], y: [y1, y2] }) => ({ x1, x2, y1, y2 })) },
        // A gap of the surface's colour between neighbours.
        mark: { type: 'rect', color, stroke: 'var(--surface)', strokeWidth: 1 },
        encoding: { ...channels('1'), x2: { field: 'x2' }, y2: { field: 'y2' } },
      };
    case 'bars':
      return {
        data: { values: layer.bars.map(({ name, x: [x1, x2] }) => ({ y: name, x1, x2 })) },
        mark: layer.isThin
          ? { type: 'rule', color, strokeWidth: 2 }
          : { type: 'bar', color, height: { band: 0.7 } },
        encoding: { x: toChannel('x1', x), x2: { field: 'x2' }, y: toChannel('y', y) },
      };
  }
}

function toChannel(field: string, { title, domain, names, isWhole }: Axis) {
  // Fields are named here, never by the data: Vega reads them as expressions.
  if (names)
    return {
      field,
      type: 'nominal',
      title,
      scale: { domain: names },
      axis: { ticks: false, domain: false, labelPadding: 8 },
    };
  return {
    field,
    type: 'quantitative',
    title,
    scale: domain ? { domain } : { zero: false, nice: true },
    axis: { tickCount: 6, ...(isWhole && { tickMinStep: 1, format: ',d' }) },
  };
}
