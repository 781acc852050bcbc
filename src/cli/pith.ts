#!/usr/bin/env node
import module from 'node:module';

// Node.js 22.8 and newer keep compiled code between runs; it has to be told before the code is loaded.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const { run } = await import('./main.ts');
await run(process.argv);
