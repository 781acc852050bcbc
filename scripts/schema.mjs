// Writes schema/definition.schema.json from the schema that definitions are validated by.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/build/definition.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const { definitionJsonSchema } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
writeFileSync(
  new URL('../schema/definition.schema.json', import.meta.url),
  `${JSON.stringify(definitionJsonSchema(), null, 2)}\n`,
);
