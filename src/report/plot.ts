/** Names of the page's colours, which follow light mode, dark mode and print. */
export type Hue = 'first' | 'second' | 'third' | 'ink';

export interface Plot {
  /** Read aloud by screen readers: what the plot is, and what it shows in one sentence. */
  readonly title: string;
  readonly description: string;
  /** Pixels, axes included. */
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly layers: readonly Layer[];
}

export interface Axis {
  readonly title: string;
  /** Default: the range of the layers. */
  readonly domain?: readonly [from: number, to: number];
  /** Names instead of numbers, in this order. */
  readonly names?: readonly string[];
  readonly isWhole?: boolean;
}

export type Layer =
  | { readonly mark: 'points'; readonly hue: Hue; readonly at: readonly Point[]; readonly isLarge?: boolean }
  | { readonly mark: 'line'; readonly hue: Hue; readonly at: readonly Point[]; readonly isDashed?: boolean }
  | { readonly mark: 'boxes'; readonly hue: Hue; readonly boxes: readonly Box[] }
  /** Across the whole plot. */
  | { readonly mark: 'rule'; readonly hue: Hue; readonly x: number }
  | { readonly mark: 'bars'; readonly hue: Hue; readonly bars: readonly Bar[]; readonly isThin?: boolean };

export interface Point {
  readonly x: number;
  readonly y: number | string;
}

/** A rectangle of a histogram or a stack. */
export interface Box {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
}

/** A horizontal bar at a name on the y axis; thin bars are intervals. */
export interface Bar {
  readonly name: string;
  readonly x: readonly [from: number, to: number];
}
