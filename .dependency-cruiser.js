/**
 * Finds import cycles, also those of types alone. What each folder may import: eslint.config.js.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [{ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } }],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Without it, imports of types alone are not seen: TypeScript removes them.
    tsPreCompilationDeps: true,
  },
};
