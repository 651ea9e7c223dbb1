import Module, { createRequire } from 'node:module';

/**
 * Makes the CommonJS module `of` load the named ones when it first uses them, instead of at its own start. They must be
 * used as objects, or be functions.
 */
export function deferModules(of: string, names: readonly string[]): void {
  const require = createRequire(createRequire(import.meta.url).resolve(of));
  for (const name of names) {
    const file = require.resolve(name);
    if (require.cache[file] !== undefined) continue;
    const deferred = new Module(file);
    deferred.filename = file;
    deferred.loaded = true;
    deferred.exports = createProxy(() => {
      if (require.cache[file] === deferred) Reflect.deleteProperty(require.cache, file);
      return require(name) as Exports;
    });
    require.cache[file] = deferred;
  }
}

type Exports = ((...args: unknown[]) => unknown) & Record<string | symbol, unknown>;

function createProxy(load: () => Exports): unknown {
  return new Proxy(() => undefined, {
    // What compilers ask a module for at once: whether it was an ES module.
    get: (_, key) => (key === '__esModule' ? undefined : load()[key]),
    apply: (_, self, args) => Reflect.apply(load(), self, args),
  });
}
