import type { Fact } from '../facts.ts';
import type { FileReader } from '../model.ts';
import { scriptTool } from './script-tools.ts';

/** The kernel reads 256 bytes (include/uapi/linux/binfmts.h, BINPRM_BUF_SIZE). */
const MAX_LINE = 256;
const [HASH, BANG, SLASH] = [0x23, 0x21, 0x2f];

/**
 * The line that names a text's interpreter (execve(2), "Interpreter scripts"), with the carriage return that Windows leaves
 * at its end, since Linux looks for a file of that name; and package managers that are scripts.
 */
export const scriptReader: FileReader = {
  open({ path }, head) {
    if (head[0] !== HASH || head[1] !== BANG) return undefined;
    const line = head.subarray(2, MAX_LINE);
    const end = line.indexOf(0x0a);
    const interpreter = Buffer.from(end < 0 ? line : line.subarray(0, end))
      .toString('utf8')
      .replace(/^[ \t]+|[ \t]+$/g, '');
    // Rust's attributes begin with the same two characters.
    if (interpreter.charCodeAt(0) !== SLASH) return undefined;
    const text = Buffer.from(head).toString('latin1');
    const tool = scriptTool(path, interpreter.trim(), text);
    const facts: Fact[] = [{ kind: 'script', interpreter }, ...(tool ? [tool] : [])];
    return { write: ignore, finish: () => facts };
  },
};

function ignore(): void {
  // The head says it all.
}
