/** Text that is HTML already. Only {@link html} and {@link trustedHtml} create it. */
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
 * Escapes every value in the template, in text and in quoted attributes, except HTML. A function that escapes one string
 * must be called everywhere, and one forgotten call is a hole.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: String.raw({ raw: template }, ...parts.map(toText)) };
}

/** For markup that another program wrote and escaped. */
export function trustedHtml(text: string): Html {
  return { html: text };
}

function toText(part: Part): string {
  if (typeof part !== 'object')
    return String(part).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] as string);
  return 'html' in part ? part.html : part.map((one) => one.html).join('');
}
