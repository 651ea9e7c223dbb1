/** Any text, also of a CSV or a record, as a paragraph or a table cell that shows it as it is. */
export function toProse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~&$]/g, '\\$&');
}

export function toJsonBlock(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;
}
