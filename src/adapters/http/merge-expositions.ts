/** The metrics of one process in Prometheus' text format; undefined when it did not answer. */
export interface ProcessMetrics {
  readonly number: number;
  readonly text: string | undefined;
}

interface Family {
  readonly head: readonly string[];
  readonly samples: string[];
}

/** One exposition of several: a family appears once, and its samples tell the process. */
export function mergeExpositions(processes: readonly ProcessMetrics[]): string {
  const families = new Map<string, Family>();
  for (const { number, text = '' } of processes) {
    let help: string[] = [];
    let family: Family | undefined;
    for (const line of text.split('\n')) {
      if (line.startsWith('# HELP ')) help = [line];
      else if (line.startsWith('# TYPE ')) {
        const [, , name = ''] = line.split(' ');
        family = families.get(name) ?? { head: [...help, line], samples: [] };
        families.set(name, family);
        help = [];
      } else if (line !== '' && !line.startsWith('#')) family?.samples.push(withProcess(line, number));
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples, '']).join('\n');
}

/** `name{a="b"} 1` or `name 1` */
function withProcess(sample: string, number: number): string {
  const end = sample.search(/[{ ]/);
  const name = sample.slice(0, end);
  const label = `process="${number}"`;
  return sample[end] === '{'
    ? `${name}{${label},${sample.slice(end + 1)}`
    : `${name}{${label}}${sample.slice(end)}`;
}
