/** What stands around the digits of a cell. */
export interface Affix {
  /** Equal in cells whose numbers can be compared; empty: no unit. */
  readonly unit: string;
  /** As the cell has it: `min`, `$`. */
  readonly unitText: string;
  readonly magnitude: Magnitude | null;
}

/** `M` in `$1.2M`. */
export interface Magnitude {
  /** As the cell has it. */
  readonly text: string;
  /** Of ten: 6 for millions. */
  readonly exponent: number;
  /** `M` without a currency may also be metres: the unit then, by which the column decides. */
  readonly orUnit: string | null;
  /** No space between the digits and it. */
  readonly attached: boolean;
}

/** ISO 4217, and the currencies that the euro replaced. */
const CODES =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP ' +
  'CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG ' +
  'HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA ' +
  'MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD ' +
  'RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX ' +
  'USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL ' +
  'ATS BEF CYP DEM EEK ESP FIM FRF GRD IEP ITL LTL LUF LVL MTL NLG PTE ROL SIT SKK';
const CURRENCIES: ReadonlySet<string> = new Set([...CODES.split(' '), 'Rs', 'kr', 'Fr', 'zł', 'Kč', 'Ft']);
/** `$`, `US$`, `NT$` */
const CURRENCY_SIGN = /^[A-Z]{0,3}\p{Sc}$/u;
/** Other spellings of a currency. */
const CURRENCY_SPELLINGS: Readonly<Record<string, string>> = {
  ...{ US$: '$', USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', Rs: '₹' },
};

const MAGNITUDES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ thousand: 3, tsd: 3, lakh: 5, lakhs: 5, lac: 5, crore: 7, crores: 7 },
    ...{ million: 6, millions: 6, mio: 6, mln: 6, mn: 6, millionen: 6, millones: 6 },
    ...{ billion: 9, billions: 9, bn: 9, bln: 9, mrd: 9, milliard: 9, milliards: 9, milliarden: 9 },
    ...{ trillion: 12, trillions: 12, trn: 12, tn: 12 },
  }),
);
/** Kelvin, metres, millimetres, bytes and tonnes are written like them; beside a currency there is no doubt. */
const DOUBTFUL: ReadonlyMap<string, number> = new Map(Object.entries({ k: 3, m: 6, mm: 6, b: 9, t: 12 }));
const FIRST_WORD = /^(\p{L}+)\.?(?=[\s\p{Sc}]|$)\s*(.*)$/u;

const MAX_UNIT_CHARS = 24;
const MAX_UNIT_WORDS = 3;
/** Digits only as in `m2` and `CO2`: `2 h 15 min`, `1920x1080` and versions are no numbers. */
const UNIT =
  /^(?:[\p{L}\p{Sc}%‰°′″'"*+²³]|\/ ?\p{L})[\p{L}\p{M}\p{Sc}%‰°′″'"*+²³/^.·\s-]*(?:(?<=\p{L})[23])?$/u;
/** Of ratings. Other denominators are rather of dates: `3/2020`. */
const OUT_OF = /^(?:\/|(?:out )?of\b) ?(4|5|6|10|20|100)$/i;
const TIME_OF_DAY = /^[ap]\.?m\.?$/i;
const MONTH =
  /^(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b/i;
const HEXADECIMAL = /^[xbo][\da-f]+$/i;

/**
 * @param currency what stands before the digits, without signs and spaces
 * @param suffix what stands after them, with the space between
 * @returns null: no number has this around it
 */
export function readAffix(currency: string, suffix: string): Affix | null {
  const before = currency === '' ? '' : toCurrency(currency);
  if (before === null) return null;
  const text = suffix.trim();
  const attached = text === suffix;
  if (text.length > MAX_UNIT_CHARS || text.split(/\s+/).length > MAX_UNIT_WORDS) return null;
  if (TIME_OF_DAY.test(text) || MONTH.test(text) || (attached && HEXADECIMAL.test(text))) return null;

  const found = readMagnitude(text, before !== '');
  const rest = found?.rest ?? text;
  const unit = toUnit(rest);
  if (unit === null) return null;
  const magnitude = found && { text: found.text, exponent: found.exponent, attached, orUnit: null };
  const affix = {
    unit: joinUnits(before, unit),
    unitText: [currency, rest].filter(Boolean).join(' '),
    magnitude,
  };
  if (magnitude === null || !found?.doubtful) return affix;
  // 'mm' is written for millions beside currencies only.
  if (magnitude.text.toLowerCase() === 'mm') return { unit: text, unitText: text, magnitude: null };
  return { ...affix, magnitude: { ...magnitude, orUnit: toUnit(text) ?? text } };
}

interface FoundMagnitude {
  readonly text: string;
  readonly exponent: number;
  readonly doubtful: boolean;
  /** After it. */
  readonly rest: string;
}

function readMagnitude(text: string, hasCurrency: boolean): FoundMagnitude | null {
  const [, word = '', rest = ''] = FIRST_WORD.exec(text) ?? [];
  const sure = word === 'k' ? 3 : MAGNITUDES.get(word.toLowerCase());
  if (sure !== undefined) return { text: word, exponent: sure, doubtful: false, rest };
  const exponent = DOUBTFUL.get(word.toLowerCase());
  if (exponent === undefined) return null;
  return { text: word, exponent, doubtful: !hasCurrency && toCurrency(rest) === null, rest };
}

/** Null: no currency. */
function toCurrency(text: string): string | null {
  const name = text.replace(/\.$/, '');
  if (!CURRENCIES.has(name) && !CURRENCY_SIGN.test(name)) return null;
  return CURRENCY_SPELLINGS[name] ?? name;
}

/** Null: what follows the digits makes the cell something else than a number. */
function toUnit(text: string): string | null {
  if (text === '') return '';
  const currency = toCurrency(text);
  if (currency !== null) return currency;
  const [, outOf] = OUT_OF.exec(text) ?? [];
  if (outOf !== undefined) return `/${outOf}`;
  if (/^(?:percent|per cent|pct\.?)$/i.test(text)) return '%';
  if (!UNIT.test(text)) return null;
  const name = text.replaceAll('º', '°').replace('²', '2').replace('³', '3').replace(/\.$/, '');
  // Short ones differ in case: mW and MW. A plural is the same unit: 1 hour, 2 hours.
  return name.length < 3 ? name : name.toLowerCase().replace(/s$/, '');
}

function joinUnits(currency: string, unit: string): string {
  return currency === unit ? currency : [currency, unit].filter(Boolean).join(' ');
}
