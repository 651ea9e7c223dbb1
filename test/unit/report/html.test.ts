import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, trustedHtml } from '../../../src/report/html.ts';

const ENTITY = /&(amp|lt|gt|quot|#39);/g;
const CHARS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

test('text in a template is unchanged when a browser has parsed it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", 'a', ';', '/') }), (text) => {
      const { html: escaped } = html`${text}`;

      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replaceAll(ENTITY, (_, name: string) => CHARS[name] as string)).toBe(text);
    }),
  );
});

test('HTML is not escaped again, alone or in a list', () => {
  const bold = html`<b>${'a < b'}</b>`;

  expect(html`<p>${bold}${[bold, trustedHtml('<i>c</i>')]}${1}</p>`.html).toBe(
    '<p><b>a &lt; b</b><b>a &lt; b</b><i>c</i>1</p>',
  );
});
