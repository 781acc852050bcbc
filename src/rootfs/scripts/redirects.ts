import type { Redirection, Word } from 'unbash';
import { expandHereDocument, expandValue } from './expand.ts';
import { knowCommand } from './known-commands.ts';
import { FAILED, LEFT_OUT, pathOf, type Tool, undone } from './host.ts';
import type { Shell } from './shell.ts';
import { Input, Output, type Streams } from './streams.ts';
import { placeFile } from './tools/files.ts';
import type { Value } from './value.ts';

/** A file that gets what a command prints. */
interface Sink {
  readonly path: Value;
  readonly isAppended: boolean;
  readonly output: Output;
}

/**
 * The streams of a command with its redirections (POSIX.1-2017, XCU 2.7).
 * @returns also what to do when the command is over, with its text and its name: files get what it printed
 */
export function openRedirects(
  redirects: readonly Redirection[],
  streams: Streams,
  shell: Shell,
): { streams: Streams; finish: (command: string, name?: string) => void } {
  let { input, output } = streams;
  const sinks: Sink[] = [];
  for (const redirect of redirects) {
    const descriptor = redirect.descriptor?.type === 'FileDescriptor' ? redirect.descriptor.value : undefined;
    if (redirect.descriptor && descriptor === undefined) continue;
    if (redirect.type === 'HereDoc') {
      const { body, delimiter, operator } = redirect;
      const parts = delimiter?.quoted === true ? undefined : body.parts;
      const text = expandHereDocument(body.text, parts, operator === '<<-', shell);
      if ((descriptor ?? 0) === 0) input = new Input(text.known ? text.text : undefined);
    } else if (redirect.type === 'HereString') {
      const text = redirect.target && expandValue(redirect.target, shell);
      if ((descriptor ?? 0) === 0) input = new Input(text?.known ? `${text.text}\n` : undefined);
    } else if (redirect.target) {
      const path = expandValue(redirect.target, shell);
      const isInput = redirect.operator === '<' || redirect.operator === '<>';
      if (isInput) {
        if ((descriptor ?? 0) === 0) input = readFile(path, shell);
      } else if ((descriptor ?? 1) === 1) {
        output = undefined;
        const isCopy = redirect.operator === '>&' && isDescriptor(redirect.target);
        if (!isCopy && !(path.known && path.text.startsWith('/dev/'))) {
          output = new Output();
          sinks.push({ path, isAppended: redirect.operator.endsWith('>>'), output });
        } else if (isCopy && path.text === '1') ({ output } = streams);
      }
    }
  }
  return {
    streams: { input, output },
    finish: (command, name = '') => {
      for (const sink of sinks) writeSink(sink, command, name, shell);
    },
  };
}

function isDescriptor({ value }: Word): boolean {
  return /^(?:\d+|-)$/.test(value);
}

function readFile(path: Value, { host, state }: Shell): Input {
  if (!path.known) return new Input(undefined);
  if (path.text === '/dev/null') return new Input('');
  const full = path.text.startsWith('/') ? path.text : `${state.folder ?? ''}/${path.text}`;
  const made = host.tree.madeFile(full);
  return new Input(made && Buffer.from(made.content).toString('utf8'));
}

function writeSink({ path, isAppended, output }: Sink, command: string, name: string, shell: Shell): void {
  const { host, state, isBash } = shell;
  const { value } = output;
  const about = knowCommand(name, []);
  const text = command.includes('>') ? command : `${command} ${isAppended ? '>>' : '>'} ${path.text}`;
  const write: Tool = (call) => {
    const full = pathOf(path.text, call);
    if (full === undefined || host.tree.isDoubtful(full)) return undone();
    const made = host.tree.madeFile(full);
    if (!value.known || (isAppended && host.tree.file(full) && !made)) {
      host.tree.doubt(full);
      return undone();
    }
    const before = isAppended && made ? made.content : new Uint8Array(0);
    const content = Buffer.concat([before, Buffer.from(value.text)]);
    return content.length > 1 << 20 ? FAILED : placeFile(full, content, { mode: 0o666 & ~call.umask }, host);
  };
  if (!path.known) {
    shell.report(text, false, '');
    return;
  }
  const call = {
    name: isBash ? 'bash' : 'sh',
    args: [],
    readInput: () => undefined,
    folder: state.folder,
    umask: state.umask,
  };
  const result = host.run(write, call);
  if (path.text.startsWith('/tmp/')) return;
  const isLeftOut = host.hasLeftOut || host.isLeftOut([path.text]);
  const needless = isLeftOut ? LEFT_OUT : about?.kind === 'needless' ? about.why : undefined;
  const isMissing = result.undone !== undefined || (!host.isCertain && host.hasChanged);
  if (needless !== undefined && (isMissing || host.hasLeftOut)) shell.report(text, true, needless);
  else if (isMissing) shell.report(text, false, result.undone ?? '');
}
