import type { RunConfig } from '../oci/index.ts';
import { namesOfUser } from './check-user.ts';
import type { Findings } from './rebase-files.ts';
import { showPath } from './rebase-report.ts';
import { type Root, type Started, variableOf } from './rebase-root.ts';

/** Where engines look without a variable PATH. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Whether all is there that the configuration, the scripts and the links of the application lead to. */
export function checkPrograms(before: Started, after: Started, findings: Findings): void {
  checkCommand(before, after, findings);
  checkScripts(before, after, findings);
  checkLinks(before.root, after.root, findings);
  checkAccounts(before, after, findings);
}

function checkCommand(before: Started, after: Started, { findings }: Findings): void {
  const [was, is] = [commandOf(before.config), commandOf(after.config)];
  if (is === undefined || hasProgram(after, is)) return;
  if (was === undefined || !hasProgram(before, was)) return;
  findings.push({ check: 'programs', message: `the command ${show(is)} would not be there on the new base` });
}

/** execve(2), "Interpreter scripts"; env(1) looks for what it is given. */
function checkScripts(before: Started, after: Started, { findings }: Findings): void {
  const placed = new Map([...before.root.own].map(([place, path]) => [path, place]));
  for (const [place, shebang] of after.root.scripts) {
    const path = after.root.own.get(place) ?? place;
    const was = before.root.scripts.get(placed.get(path) ?? '');
    const lost = programsOf(shebang).find(
      (program) => was === shebang && hasProgram(before, program) && !hasProgram(after, program),
    );
    if (lost !== undefined)
      findings.push({
        check: 'programs',
        path,
        message: `the script ${showPath(path)} is run by ${show(lost)}, which the new base does not have`,
      });
  }
}

function checkLinks(before: Root, after: Root, { findings }: Findings): void {
  const placed = new Map([...after.own].map(([place, path]) => [path, place]));
  for (const [place, path] of before.own) {
    const link = before.tree.get(place);
    const now = placed.get(path);
    if (!link || now === undefined || !leadsSomewhere(before, place) || leadsSomewhere(after, now)) continue;
    const target = link.type === 'hardlink' ? `/${link.linkName}` : link.linkName;
    findings.push({
      check: 'links',
      path,
      message: `the link ${showPath(path)} leads to ${show(target)}, which the new base does not have`,
    });
  }
}

function leadsSomewhere({ tree }: Root, place: string): boolean {
  return tree.get(place)?.type === 'hardlink'
    ? tree.regular(place) !== undefined
    : tree.resolve(place) !== undefined;
}

/** Whether the names that the image runs as have the numbers that they had. */
function checkAccounts(before: Started, after: Started, { findings }: Findings): void {
  const [was, is] = [namesOfUser(before.config.User), namesOfUser(after.config.User)];
  const kinds = [
    { kind: 'user', file: 'etc/passwd' },
    { kind: 'group', file: 'etc/group' },
  ] as const;
  for (const { kind, file } of kinds) {
    const [oldName, newName] = [was[kind], is[kind]];
    if (newName === undefined) continue;
    const number = numberOf(after.root, file, newName);
    const oldNumber = oldName === undefined ? undefined : numberOf(before.root, file, oldName);
    if (number === oldNumber || (oldNumber === undefined && number !== undefined)) continue;
    findings.push({
      check: 'accounts',
      path: file,
      message:
        number === undefined
          ? `the ${kind} ${show(newName)} that the image runs as would not be in /${file} of the new base`
          : `the ${kind} ${show(newName)} that the image runs as has the number ${number} in the new base, not ${oldNumber ?? 'none'}`,
    });
  }
}

/** The number of a line of passwd(5) or group(5). */
function numberOf({ captured }: Root, file: string, name: string): string | undefined {
  const lines = Buffer.from(captured.get(file) ?? new Uint8Array(0))
    .toString('utf8')
    .split('\n');
  return lines.map((line) => line.split(':')).find(([first]) => first === name)?.[2];
}

function commandOf({ Entrypoint = [], Cmd = [] }: RunConfig): string | undefined {
  return [...Entrypoint, ...Cmd][0];
}

/** The programs that run a script: the interpreter, and what env(1) is told to start. */
function programsOf(shebang: string): string[] {
  const [interpreter = '', ...words] = shebang.split(/[ \t]+/);
  if (!interpreter.endsWith('/env')) return [interpreter];
  const started = words.find((word) => !word.startsWith('-') && !word.includes('='));
  return started === undefined ? [interpreter] : [interpreter, started];
}

/** Whether a program is at its path, or in one of the folders of PATH. */
function hasProgram({ root, config }: Started, program: string): boolean {
  const folder = config.WorkingDir ?? '/';
  if (program.startsWith('/')) return root.tree.regular(program) !== undefined;
  if (program.includes('/')) return root.tree.regular(`${folder}/${program}`) !== undefined;
  return (variableOf(config, 'PATH') ?? DEFAULT_PATH)
    .split(':')
    .some((one) => root.tree.regular(`${one.startsWith('/') ? one : `${folder}/${one}`}/${program}`));
}

function show(text: string): string {
  return showPath(text).slice(1);
}
