// Builds dist/page.html: the report's script and style in one file, which pith puts data into.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const NOTICE = '/*! Preact, (c) Jason Miller, MIT License: https://preactjs.com */\n';

/** Gives what esbuild says of the bundle. */
export async function buildPage(root, out) {
  const options = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  };
  const [script, style] = await Promise.all([
    build({
      ...options,
      entryPoints: ['web/page/main.tsx'],
      format: 'iife',
      target: ['chrome100', 'firefox113', 'safari16.4'],
      tsconfig: join(root, 'web/tsconfig.json'),
      charset: 'ascii',
    }),
    build({
      ...options,
      entryPoints: ['web/page/style.css'],
      target: ['chrome100', 'firefox113', 'safari16.4'],
    }),
  ]);
  // What would end the element, or begin a comment in it, stands in no line of ours; strings of a library could hold it.
  const code = `${NOTICE}${script.outputFiles[0].text.replace(/<(?=\/script|!--|script)/gi, '\\x3c')}`;
  const css = style.outputFiles[0].text;
  const values = {
    policy: `default-src 'none'; script-src '${hashOf(code)}'; style-src '${hashOf(css)}'; img-src data:; base-uri 'none'; form-action 'none'`,
    style: `<style>${css}</style>`,
    script: `<script>${code}</script>`,
  };
  const template = readFileSync(join(root, 'web/page/page.html'), 'utf8').replace(/>\s+</g, '><');
  writeFileSync(
    join(out, 'page.html'),
    template.replace(/<!--pith:(policy|style|script)-->/g, (_all, name) => values[name]),
  );
  return script;
}

/** As a policy names what is inline: CSP level 3, section 2.3.1. */
function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
