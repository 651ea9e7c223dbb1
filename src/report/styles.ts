import { trustedHtml } from './html.ts';

/** Text inside `<style>` is not escaped, so it must not contain data of a run. */
const STYLES = `
:root {
  color-scheme: light dark;
  --plane: #f6f6f4; --surface: #fff; --ink: #0b0b0b; --soft: #52514e; --line: #dddcd6; --grid: #e6e5e0;
  --first: #2a78d6; --second: #d9591f; --third: #14866a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --plane: #0f0f0e; --surface: #1a1a19; --ink: #f4f4f1; --soft: #c3c2b7; --line: #3a3a37; --grid: #2f2f2c;
    --first: #5a9df0; --second: #f08a57; --third: #35b892;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--plane); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
footer { padding-bottom: 40px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 8px; font-size: 20px; }
p { margin: 0 0 12px; max-width: 75ch; overflow-wrap: anywhere; }
.kind, .note, figcaption, caption, nav { color: var(--soft); }
.kind { margin: 0; font-size: 13px; letter-spacing: .06em; text-transform: uppercase; }
a { color: var(--first); }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 24px; }
section { margin: 0 0 20px; padding: 20px 24px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 0 0 16px; }
.tiles div { padding: 12px 16px; border: 1px solid var(--line); border-radius: 8px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-size: 20px; font-weight: 600; overflow-wrap: anywhere; }
dd small { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px 24px; }
.beside { display: grid; grid-template-columns: minmax(0, 3fr) minmax(220px, 1fr); gap: 8px 32px; }
@media (max-width: 760px) { .beside { grid-template-columns: 1fr; } }
figure { margin: 8px 0 16px; }
figcaption { margin-bottom: 4px; font-weight: 600; font-size: 14px; }
figure svg { display: block; max-width: 100%; height: auto; color: var(--ink); }
svg text { font-family: inherit; }
.key { margin-left: 12px; font-weight: 400; white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 3px; background: var(--ink); print-color-adjust: exact; }
.key.first::before { background: var(--first); }
.key.second::before { background: var(--second); }
.key.third::before { background: var(--third); }
.table { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; font-size: 14px; }
caption { padding: 4px 0; text-align: left; font-weight: 600; }
th, td { padding: 4px 16px 4px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { margin: 8px 0 0; padding: 12px 16px; background: var(--plane); border-radius: 8px; white-space: pre-wrap; }
summary { cursor: pointer; color: var(--soft); }
@media print {
  :root {
    color-scheme: light;
    --plane: #fff; --surface: #fff; --ink: #000; --soft: #444; --line: #bbb; --grid: #ddd;
    --first: #1f5fae; --second: #b84a15; --third: #0f6b54;
  }
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav { display: none; }
  section { padding: 0; border: 0; margin-bottom: 8mm; }
  h2, figure, tr, dl, caption { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  section > p { break-after: avoid; }
  .pair { grid-template-columns: 1fr 1fr; }
  .beside { grid-template-columns: 3fr 1fr; }
  .table { overflow: visible; }
  table { font-size: 9pt; }
  th, td { padding: 2px 10px 2px 0; }
  pre { border: 1px solid var(--line); }
}
`;

/** Not in a template, because the policy names its exact bytes. */
export const STYLE_ELEMENT = trustedHtml(`<style>${STYLES}</style>`);

/**
 * Allows the page's own styles only: no script, no request. The report server adds `frame-ancestors`.
 * @param sha256 hex
 */
export function contentSecurityPolicy(sha256: (text: string) => string): string {
  return `default-src 'none'; style-src 'sha256-${hexToBase64(sha256(STYLES))}'; base-uri 'none'; form-action 'none'`;
}

function hexToBase64(hex: string): string {
  return btoa(hex.replaceAll(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16))));
}
