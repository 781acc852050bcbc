// Loaded before a program (node --import): writes the peak of its resident memory in bytes, worker threads included, to
// the file that PITH_BENCH_PEAK names when the process ends. VmHWM is the kernel's own high-water mark (proc(5)).
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const target = process.env['PITH_BENCH_PEAK'];
if (isMainThread && target !== undefined) {
  process.on('exit', () => {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    writeFileSync(target, String(Number(kilobytes) * 1024));
  });
}
