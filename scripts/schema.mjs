// Writes schema/: the schema that definitions are validated by, and those of what is printed as JSON.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The module and the function that make each schema. */
const SCHEMAS = {
  definition: ['src/build/definition.ts', 'definitionJsonSchema'],
  inspect: ['src/inspect/report/inspect-schema.ts', 'inspectJsonSchema'],
  diff: ['src/inspect/difference/diff-schema.ts', 'diffJsonSchema'],
  compare: ['src/inspect/difference/compare-schema.ts', 'compareJsonSchema'],
  check: ['src/check/report-schema.ts', 'checkReportJsonSchema'],
};

for (const [name, [path, make]] of Object.entries(SCHEMAS)) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  const module = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  writeFileSync(
    new URL(`../schema/${name}.schema.json`, import.meta.url),
    `${JSON.stringify(module[make](), null, 2)}\n`,
  );
}
