/** A command to copy: arguments are quoted where a shell would read them otherwise. */
export function commandText(...args: readonly string[]): string {
  return args.map(quoted).join(' ');
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
