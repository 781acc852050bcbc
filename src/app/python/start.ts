import { nearest } from '../../core/index.ts';
import { invalid, isFile, peekText } from '../common/documents.ts';
import { normalise } from '../common/paths.ts';
import { isPort, PEEK, portsOfPython } from '../common/ports.ts';
import { fieldsAt, textAt, type Fields } from '../common/values.ts';
import type { AppRequest, Project } from '../model.ts';
import { findDjango } from './django.ts';
import { installedVersions, normaliseName, type PackageFolder } from './installed.ts';
import { runReference, runsItself } from './modules.ts';
import { readProcfile } from './procfile.ts';
import { ownName } from './requirements.ts';
import type { Service } from './servers.ts';
import { findWebApplication } from './web-framework.ts';

/** How Python is started. */
export interface Start {
  /** `Flask`, `Django` …; nothing for a program that is none of them. */
  readonly framework?: string;
  /** The words behind `python3`. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly evidence: string;
  readonly notes: readonly string[];
}

const USUAL = ['main.py', 'app.py', 'server.py', 'run.py', 'src/main.py', 'src/app.py'];

/**
 * How the application is started: what the user says, else Procfile, else the program of pyproject.toml, else a web framework,
 * else a file with a usual name, or the only one.
 * @returns undefined if nothing tells
 */
export async function findStart(
  project: Project,
  pyproject: Fields,
  folders: readonly PackageFolder[],
  isOwn: (path: string) => boolean,
  request: AppRequest,
): Promise<Start | undefined> {
  const installed = installedVersions(folders);
  if (request.main !== undefined) return fromRequest(project, isOwn, installed, request.main);
  const web = await readProcfile(project, folders);
  if (web)
    return {
      words: web.words,
      env: web.env,
      ports: web.port === undefined ? [] : [`${web.port}/tcp`],
      evidence: `Procfile: web: ${web.line}`,
      notes: [],
    };
  return (
    (await fromScripts(project, pyproject, folders)) ??
    served('Django', 'manage.py', await findDjango(project, installed)) ??
    (await fromFramework(project, isOwn, installed, undefined)) ??
    fromFiles(project, isOwn)
  );
}

async function fromRequest(
  project: Project,
  isOwn: (path: string) => boolean,
  installed: ReadonlyMap<string, string>,
  named: string,
): Promise<Start> {
  const main = normalise(named);
  if (main === undefined || !isFile(project, main)) {
    const like = nearest(
      named,
      [...project.files.keys()].filter((path) => path.endsWith('.py') && isOwn(path)),
    );
    throw invalid(
      `${named} is not there`,
      like === undefined
        ? 'Give `--main` a file, relative to the folder that is packed.'
        : `Did you mean ${like}?`,
      named,
    );
  }
  const evidence = `${main} was asked for`;
  if (main === 'manage.py') {
    const django = served('Django', main, await findDjango(project, installed));
    if (django) return { ...django, evidence };
  }
  const text = await peekText(project, main, PEEK);
  const web = runsItself(text) ? undefined : await fromFramework(project, isOwn, installed, main);
  return web ? { ...web, evidence } : file(main, portsOfPython(text), evidence);
}

async function fromScripts(
  project: Project,
  pyproject: Fields,
  folders: readonly PackageFolder[],
): Promise<Start | undefined> {
  const scripts =
    Object.keys(fieldsAt(fieldsAt(pyproject, 'project'), 'scripts')).length > 0
      ? fieldsAt(fieldsAt(pyproject, 'project'), 'scripts')
      : fieldsAt(fieldsAt(fieldsAt(pyproject, 'tool'), 'poetry'), 'scripts');
  const names = Object.keys(scripts);
  const own =
    names.length === 1 ? names[0] : names.find((name) => normaliseName(name) === ownName(pyproject));
  const reference = own === undefined ? undefined : textAt(scripts, own);
  if (own === undefined || reference === undefined) return undefined;
  const words = await runReference(project, folders, reference);
  if (!words)
    throw invalid(
      `pyproject.toml: the script ${own} is ${JSON.stringify(reference)}, not \`module:function\``,
      'Write it so, or name the file that runs with `--main FILE`.',
      'pyproject.toml',
    );
  return {
    words,
    env: {},
    ports: [],
    evidence: `pyproject.toml: the script ${own} is ${reference}`,
    notes: [],
  };
}

async function fromFramework(
  project: Project,
  isOwn: (path: string) => boolean,
  installed: ReadonlyMap<string, string>,
  main: string | undefined,
): Promise<Start | undefined> {
  const found = await findWebApplication(project, isOwn, installed, main);
  return found && served(found.framework, found.path, found.service);
}

function served(framework: string, path: string, service: Service | undefined): Start | undefined {
  if (!service) return undefined;
  return {
    framework,
    words: service.words,
    env: {},
    ports: isPort(service.port) ? [`${service.port}/tcp`] : [],
    evidence: `${path}: a ${framework} application`,
    notes: service.notes,
  };
}

async function fromFiles(project: Project, isOwn: (path: string) => boolean): Promise<Start | undefined> {
  if (isFile(project, '__main__.py')) return file('__main__.py', [], '__main__.py is there');
  const own = [...project.files.keys()].filter((path) => path.endsWith('.py') && isOwn(path));
  const mains = own.filter((path) => /^(?:src\/)?[A-Za-z_]\w*\/__main__\.py$/.test(path));
  const [only] = mains;
  if (only !== undefined && mains.length === 1) {
    const module = only.replace(/^src\//, '').split('/')[0] ?? '';
    return {
      words: ['-m', module],
      env: {},
      ports: [],
      evidence: `${only}: the package runs itself`,
      notes: [],
    };
  }
  const top = own.filter(
    (path) => !path.includes('/') && !/^(?:setup|conftest|test_.*|.*_test)\.py$/.test(path),
  );
  const found = USUAL.find((path) => isFile(project, path)) ?? (top.length === 1 ? top[0] : undefined);
  if (found === undefined) return undefined;
  const why = USUAL.includes(found) ? 'is there' : 'is the only program';
  return file(found, portsOfPython(await peekText(project, found, PEEK)), `${found} ${why}`);
}

function file(path: string, ports: readonly string[], evidence: string): Start {
  return { words: [path], env: {}, ports, evidence, notes: [] };
}
