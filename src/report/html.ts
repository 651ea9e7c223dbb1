/** Text that is HTML already. Only {@link html} and {@link trustedHtml} make it. */
export interface Html {
  readonly html: string;
}

type Part = Html | readonly Html[] | string | number;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes whatever is put into the template, in text and in quoted attributes; what is HTML already stays. A library
 * that escapes a string leaves it to each place to call it, and one forgotten place is enough.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: String.raw({ raw: template }, ...parts.map(toText)) };
}

/** For what another program has made and escaped. */
export function trustedHtml(text: string): Html {
  return { html: text };
}

function toText(part: Part): string {
  if (typeof part !== 'object')
    return String(part).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] as string);
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
}
