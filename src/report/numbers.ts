/** A fixed locale, because equal runs must give equal bytes on every machine. */
const whole = new Intl.NumberFormat('en-US');
const percent = new Intl.NumberFormat('en-US', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

export function count(value: number): string {
  return whole.format(value);
}

/** In units of the target. */
export function fixed(value: number, digits = 3): string {
  return value.toFixed(digits).replace('-', '−');
}

export function signed(value: number, digits = 3): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}

export function share(part: number, total: number): string {
  return percent.format(total === 0 ? 0 : part / total);
}

export function seconds(value: number): string {
  return value < 100 ? `${value.toFixed(1)} s` : `${whole.format(Math.round(value))} s`;
}

const fourDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** In four digits: `67,220`, `0.1235`, `1.235e+20`. */
export function significant(value: number): string {
  const size = Math.abs(value);
  const isUsual = size === 0 || (size >= 1e-4 && size < 1e15);
  return (isUsual ? fourDigits.format(value) : value.toExponential(3)).replace('-', '−');
}
