interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Each has few values, because every combination is a time series: no ids of runs, no names of files. */
  readonly labels: readonly string[];
  /** Upper ends, of a histogram. */
  readonly buckets?: readonly number[];
}

/** What workers measure beside Temporal's SDK. The table of docs/metrics.md follows from it. */
export const METRICS = {
  imdb_rows_total: { kind: 'counter', labels: ['step'], help: 'Rows that a step of runs has finished.' },
  imdb_dropped_rows_total: {
    kind: 'counter',
    labels: ['reason'],
    help: 'Rows of a CSV that were left out: bad, empty or unreadable.',
  },
  imdb_predictions_total: {
    kind: 'counter',
    labels: ['topic'],
    help: 'Records of a topic that were scored, in runs and continuous streams.',
  },
  imdb_dead_letters_total: {
    kind: 'counter',
    labels: ['topic'],
    help: 'Records of a topic that could not be scored and were set aside.',
  },
  imdb_micro_batch_seconds: {
    kind: 'histogram',
    labels: ['topic'],
    help: 'Time from the start of a micro-batch until its predictions are committed.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  imdb_artifact_written_bytes_total: {
    kind: 'counter',
    labels: [],
    help: 'Bytes of artifacts that were stored.',
  },
  imdb_artifact_read_bytes_total: {
    kind: 'counter',
    labels: [],
    help: 'Bytes of artifacts that were read, from memory too.',
  },
  imdb_failed_attempts_total: {
    kind: 'counter',
    labels: ['activity', 'failure'],
    help: 'Attempts of activities that failed, by the type of the failure.',
  },
  imdb_notifications_total: {
    kind: 'counter',
    labels: ['outcome'],
    help: 'Attempts to send a notification: sent or failed.',
  },
  imdb_runs: {
    kind: 'gauge',
    labels: ['status'],
    help: 'Runs that Temporal remembers, by status.',
  },
  imdb_needs_attention: {
    kind: 'gauge',
    labels: [],
    help: 'Runs and streams that need an operator. Absent without search attributes.',
  },
  imdb_stream_lag_records: {
    kind: 'gauge',
    labels: ['topic'],
    help: 'Offsets of a topic that its continuous stream has not finished.',
  },
  imdb_champion_rmse: {
    kind: 'gauge',
    labels: ['model'],
    help: 'RMSE of the champion on the batch split of its run.',
  },
  imdb_champion_promoted_timestamp_seconds: {
    kind: 'gauge',
    labels: ['model'],
    help: 'When the champion was promoted, in seconds since 1970.',
  },
  imdb_process_up: {
    kind: 'gauge',
    labels: ['process'],
    help: 'Whether a process of the worker polls for work and answers: 1 or 0.',
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type MetricName = keyof typeof METRICS;
type Labels<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** Adds to a counter, sets a gauge, or records a value in a histogram. */
export type Measure = <Name extends MetricName>(name: Name, value: number, labels: Labels<Name>) => void;

/** The way out of a workflow. */
export type MetricSinks = Record<'metrics', Record<'measure', Measure>>;

type Tags = Record<string, string>;

/** What this needs of the SDK's meter. */
export interface Meter {
  createCounter(name: string, unit?: string, help?: string): { add(value: number, tags?: Tags): void };
  createGauge(
    name: string,
    type?: 'float',
    unit?: string,
    help?: string,
  ): { set(value: number, tags?: Tags): void };
  createHistogram(
    name: string,
    type?: 'float',
    unit?: string,
    help?: string,
  ): { record(value: number, tags?: Tags): void };
}

export function createMeasure(meter: Meter): Measure {
  type Instrument = (value: number, tags: Tags) => void;
  const instruments = new Map<MetricName, Instrument>();

  function create(name: MetricName): Instrument {
    const { kind, help } = METRICS[name];
    // Names end with their unit already.
    if (kind === 'counter') {
      const counter = meter.createCounter(name, '', help);
      return (value, tags) => {
        counter.add(value, tags);
      };
    }
    if (kind === 'gauge') {
      const gauge = meter.createGauge(name, 'float', '', help);
      return (value, tags) => {
        gauge.set(value, tags);
      };
    }
    const histogram = meter.createHistogram(name, 'float', '', help);
    return (value, tags) => {
      histogram.record(value, tags);
    };
  }

  return (name, value, labels) => {
    let instrument = instruments.get(name);
    if (!instrument) instruments.set(name, (instrument = create(name)));
    instrument(value, labels);
  };
}
