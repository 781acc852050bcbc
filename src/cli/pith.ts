#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../core/index.ts';
import { IMAGE_COMMANDS, INSPECTION_COMMANDS } from './image-commands.ts';

// Node.js 22.8 and newer keep compiled code between runs; it has to be told before the code is loaded. Not in the folder for
// temporary files, which is Node's choice: others may write there. Whoever has no home goes without.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
const { HOME, XDG_CACHE_HOME, PITH_CACHE_DIR } = process.env;
if (HOME ?? XDG_CACHE_HOME ?? PITH_CACHE_DIR)
  enableCompileCache?.(join(cacheFolder(process.env, homedir), 'compiled'));
const name = process.argv[2] ?? '';
const { run } = IMAGE_COMMANDS.has(name)
  ? await import('./images.ts')
  : INSPECTION_COMMANDS.has(name)
    ? await import('./inspection.ts')
    : await import('./main.ts');
await run(process.argv);
