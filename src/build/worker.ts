import { parentPort } from 'node:worker_threads';
import { serve } from './worker-tasks.ts';

if (parentPort) serve(parentPort);
