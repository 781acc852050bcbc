import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/** One line about the machine: processors, memory, system, Node.js. */
export function describeMachine() {
  const model = field('/proc/cpuinfo', /^model name\s*:\s*(.+)$/m) ?? process.arch;
  const system = field('/etc/os-release', /^PRETTY_NAME="?([^"\n]+)/m) ?? process.platform;
  const cores = availableParallelism();
  return `${cores} ${cores === 1 ? 'core' : 'cores'} (${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${system}, Node.js ${process.versions.node}`;
}

/** @param {string} path @param {RegExp} pattern */
function field(path, pattern) {
  try {
    return pattern.exec(readFileSync(path, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
