#!/usr/bin/env node
import module from 'node:module';
import { IMAGE_COMMANDS } from './image-commands.ts';

// Node.js 22.8 and newer keep compiled code between runs; it has to be told before the code is loaded.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const { run } = IMAGE_COMMANDS.has(process.argv[2] ?? '')
  ? await import('./images.ts')
  : await import('./main.ts');
await run(process.argv);
