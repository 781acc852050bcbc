import { invalid, isFile, readJson } from '../common/documents.ts';
import { baseOf, folderOf, isIn, join } from '../common/paths.ts';
import { fieldsAt, textAt } from '../common/values.ts';
import type { Project } from '../model.ts';

/** What a framework's build has made: a folder that runs without the project around it. */
export interface Output {
  readonly title: string;
  /** Main file, a path of the project. */
  readonly main: string;
  /** Path below the working folder for each path of the project; undefined stays out. */
  readonly place: (path: string) => string | undefined;
  readonly evidence: readonly string[];
  readonly notes: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  /** Below the working folder. */
  readonly writable: readonly string[];
}

/** Output of Nitro (its documentation, "Deploy", preset node_server) or of Next.js ("output: standalone"), if it is there. */
export async function findOutput(project: Project): Promise<Output | undefined> {
  return (await findNitro(project)) ?? findNext(project);
}

async function findNitro(project: Project): Promise<Output | undefined> {
  const root =
    isFile(project, '.output/nitro.json') || isFile(project, '.output/server/index.mjs') ? '.output' : '';
  const main = join(root, 'server/index.mjs');
  if (root === '' && !isFile(project, 'nitro.json')) return undefined;
  const about = (await readJson(project, join(root, 'nitro.json'))) ?? {};
  const preset = textAt(about, 'preset') ?? 'node-server';
  if (!/^(?:node|nodejs)[-_](?:server|cluster)$/.test(preset) || !isFile(project, main))
    throw invalid(
      `${join(root, 'nitro.json')}: the output is for ${preset}, not for a Node.js server`,
      'Build it with the preset for a server: `NITRO_PRESET=node_server npm run build`.',
      join(root, 'nitro.json'),
    );
  const framework = textAt(fieldsAt(about, 'framework'), 'name');
  const name = framework === undefined || framework === 'nitro' ? 'Nitro' : `${framework}, Nitro`;
  return {
    title: `Node.js application (${name})`,
    main,
    place: (path) => (isIn(root, path) ? path : undefined),
    evidence: [`${main}: what Nitro builds for a server`],
    notes: [],
    env: {},
    ports: ['3000/tcp'],
    writable: [],
  };
}

function findNext(project: Project): Output | undefined {
  const above = '.next/standalone';
  const mains = [...project.files.keys()].filter(
    (path) =>
      path.startsWith(`${above}/`) &&
      path.endsWith('/server.js') &&
      !path.includes('/node_modules/') &&
      isFile(project, join(folderOf(path), '.next/BUILD_ID')),
  );
  const [main] = mains;
  if (main !== undefined) {
    if (mains.length > 1)
      throw invalid(
        `several servers are below ${above}: ${mains.slice(0, 3).join(', ')}`,
        'Remove .next, build again, and pack again.',
        above,
      );
    return standalone(project, above, folderOf(main).slice(above.length + 1));
  }
  const isOutput = isFile(project, 'server.js') && isFile(project, '.next/BUILD_ID');
  return isOutput && isFile(project, '.next/required-server-files.json') && !isFile(project, 'next.config.js')
    ? standaloneItself(project)
    : undefined;
}

/** @param application folder of the application below the output: empty but for monorepos */
function standalone(project: Project, above: string, application: string): Output {
  const staticAt = join(application, '.next/static');
  const hasStatic = [...project.files.keys()].some((path) => path.startsWith('.next/static/'));
  return {
    ...NEXT,
    main: join(above, join(application, 'server.js')),
    place: (path) => {
      if (isIn(above, path)) return withoutCache(path.slice(above.length + 1));
      if (isIn('.next/static', path)) return join(staticAt, path.slice('.next/static/'.length));
      if (isIn('public', path)) return join(application, path);
      return undefined;
    },
    evidence: [`${above}: what Next.js builds with \`output: 'standalone'\``],
    notes: hasStatic ? [] : ['.next/static is not there: pages would come without their scripts and styles'],
    writable: [join(application, '.next/cache')],
  };
}

function standaloneItself(project: Project): Output | undefined {
  const hasStatic = [...project.files.keys()].some((path) => path.startsWith('.next/static/'));
  if (!isFile(project, 'node_modules/next/package.json')) return undefined;
  return {
    ...NEXT,
    main: 'server.js',
    place: withoutCache,
    evidence: ['server.js, .next/BUILD_ID: the standalone output of Next.js'],
    notes: hasStatic
      ? []
      : ['.next/static is not there: copy it here from the folder of the build, and public too'],
    writable: ['.next/cache'],
  };
}

const NEXT = {
  title: 'Node.js application (Next.js standalone)',
  // Engines set HOSTNAME to the container's name, and the server would listen on that only.
  env: { HOSTNAME: '0.0.0.0', PORT: '3000' },
  ports: ['3000/tcp'],
};

function withoutCache(path: string): string | undefined {
  return /(?:^|\/)\.next\/cache\//.test(path) || baseOf(path) === '.env' ? undefined : path;
}
