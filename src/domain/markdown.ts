/** Text from elsewhere in a Markdown table. */
export function toCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
