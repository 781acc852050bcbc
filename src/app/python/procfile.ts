import { parseCommandLine } from '../common/command-line.ts';
import { invalid, readText } from '../common/documents.ts';
import type { Project } from '../model.ts';
import { installedVersions, type PackageFolder } from './installed.ts';
import { findConsoleScript } from './modules.ts';
import { listenOutside, portIn } from './servers.ts';

export interface ProcfileCommand {
  /** The words behind `python3`. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number | undefined;
  readonly line: string;
}

const PORT = 8000;

/**
 * What `web:` of a Procfile starts, said without a shell; `$PORT` is 8000.
 * @returns undefined if there is none, or it starts nothing of Python
 * @throws PithError APP_INVALID if it needs a shell, or a program that is not installed
 */
export async function readProcfile(
  project: Project,
  folders: readonly PackageFolder[],
): Promise<ProcfileCommand | undefined> {
  const line = /^web:[ \t]*(.+)$/m.exec((await readText(project, 'Procfile')) ?? '')?.[1]?.trim();
  if (line === undefined) return undefined;
  const { commands, needsShell } = await parseCommandLine(line, (name) =>
    name === 'PORT' ? String(PORT) : undefined,
  );
  const [command, more] = commands;
  if (needsShell !== undefined || !command || more)
    throw invalid(
      `Procfile: "web: ${line}" needs a shell for ${needsShell ?? 'several commands (`&&`)'}`,
      'The image has no shell: write one command, do the rest before, or name the file that runs with `--main FILE`.',
      'Procfile',
    );
  const [program = '', ...args] = command.words;
  if (/^(?:node|npm|java|bundle|ruby)$/.test(program)) return undefined;
  const isPython = /^python(?:3(?:\.\d+)?)?$/.test(program);
  const own = isPython ? args : await findConsoleScript(project, folders, program);
  if (!own)
    throw invalid(
      `Procfile: "web: ${line}" starts \`${program}\`, which is not installed in the project`,
      `Install it: \`pip install --target vendor ${program}\`.`,
      'Procfile',
    );
  const hasConfig = project.files.has('gunicorn.conf.py');
  const words = listenOutside(
    isPython ? own : [...own, ...args],
    PORT,
    hasConfig,
    installedVersions(folders),
  );
  return { words, env: command.env, port: portIn(words), line };
}
