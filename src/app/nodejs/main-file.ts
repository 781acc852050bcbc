import { nearest } from '../../core/index.ts';
import { invalid } from '../common/documents.ts';
import { fieldsAt, textAt, type Fields } from '../common/values.ts';
import type { AppRequest, Project } from '../model.ts';
import { exportOf, programsOf } from './manifest.ts';
import { isJavaScript } from './programs.ts';
import { resolveFile } from './resolve-file.ts';
import { readScript, type Start } from './start-script.ts';

/** Where programs are by custom, the surest first. */
const USUAL = [
  ...['server', 'index', 'app', 'main'].flatMap((name) => [`${name}.js`, `${name}.mjs`, `${name}.cjs`]),
  ...['dist', 'build', 'out'].flatMap((folder) =>
    ['server', 'index', 'main', 'app'].flatMap((name) => [`${folder}/${name}.js`, `${folder}/${name}.mjs`]),
  ),
  ...['server/index.js', 'server/index.mjs', 'src/server.js', 'src/index.js', 'src/index.mjs', 'src/main.js'],
  ...['server.ts', 'index.ts', 'main.ts', 'src/server.ts', 'src/index.ts', 'src/main.ts'],
];

/**
 * How the application of a package.json is started: what the user says, else its scripts, else the file that it names, else
 * one with a usual name.
 * @returns undefined if nothing tells
 * @throws PithError APP_INVALID if what tells is wrong: a file that is not there, a script that needs a shell
 */
export async function findStart(
  project: Project,
  manifest: Fields,
  request: AppRequest,
): Promise<Start | undefined> {
  if (request.main !== undefined) return fromRequest(project, request.main);
  const faults: string[] = [];
  const scripts = fieldsAt(manifest, 'scripts');
  for (const name of ['start:prod', 'start:production', 'start']) {
    if (textAt(scripts, name) === undefined) continue;
    const start = await readScript(project, manifest, name);
    if (typeof start !== 'string') return start;
    faults.push(start);
  }
  for (const [key, path] of namedFiles(manifest)) {
    const file = resolveFile(project, path);
    if (file !== undefined && (await isJavaScript(project, file)))
      return withNotes(plain(file, path, `package.json: "${key}" is ${path}`), faults);
    if (!(key === 'main' && path === 'index.js')) faults.push(`"${key}" is ${path}, which is not there`);
  }
  const usual = USUAL.find((path) => resolveFile(project, path) === path);
  if (usual !== undefined && faults.length === 0) return plain(usual, usual, `${usual} is there`);
  if (faults.length === 0) return undefined;
  throw invalid(`package.json: ${faults[0] ?? ''}`, adviseOn(scripts, faults[0] ?? ''), 'package.json');
}

function adviseOn(scripts: Fields, why: string): string {
  const isBuilt = textAt(scripts, 'build') !== undefined;
  if (why.includes('not there') && isBuilt)
    return 'Run `npm run build` first; if it was run, see whether .dockerignore leaves its output out.';
  if (why.includes('shell'))
    return 'The image has no shell: write a script "start:prod": "node FILE ARGUMENTS", do the rest before, or name the file with `--main FILE`.';
  return 'Name the file that runs with `--main FILE`, or write a script "start": "node FILE".';
}

function* namedFiles(manifest: Fields): Generator<readonly [string, string]> {
  const main = textAt(manifest, 'main');
  if (main !== undefined) yield ['main', main];
  const exported = exportOf(manifest);
  if (exported !== undefined) yield ['exports', exported];
  const programs = programsOf(manifest);
  const own = textAt(manifest, 'name')?.replace(/^@[^/]+\//, '') ?? '';
  const program = programs.size === 1 ? [...programs.values()][0] : programs.get(own);
  if (program !== undefined) yield ['bin', program];
}

async function fromRequest(project: Project, main: string): Promise<Start> {
  const file = resolveFile(project, main);
  if (file === undefined) {
    const like = nearest(
      main,
      [...project.files.keys()].filter((path) => /^(?!.*node_modules\/).*\.[cm]?[jt]s$/.test(path)),
    );
    throw invalid(
      `${main} is not there`,
      like === undefined
        ? 'Give `--main` a file, relative to the folder that is packed.'
        : `Did you mean ${like}?`,
      main,
    );
  }
  if (!(await isJavaScript(project, file)))
    throw invalid(
      `${main} is no JavaScript or TypeScript file`,
      'Give `--main` the file that Node.js runs.',
      main,
    );
  return plain(file, main, `${main} was asked for`);
}

function plain(file: string, written: string, evidence: string): Start {
  return {
    file,
    written: written.replace(/^(?:\.\/)+/, ''),
    flags: [],
    args: [],
    env: {},
    evidence,
    notes: [],
  };
}

function withNotes(start: Start, faults: readonly string[]): Start {
  return { ...start, notes: faults.map((fault) => `package.json: ${fault}; it is not used`) };
}
