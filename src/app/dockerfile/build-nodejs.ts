import { isFile, readJson } from '../common/documents.ts';
import { fieldsAt, textAt, type Fields } from '../common/values.ts';
import type { Application, Project } from '../model.ts';
import { findManager, type PackageManager } from '../nodejs/package-manager.ts';
import type { BuildStage, DockerfileBase } from './model.ts';
import { copyWords } from './words.ts';

/** Where the stage has the project: where the image will have it, so that nothing that is installed leads elsewhere. */
const HOME = '/app';
const DEPENDENCIES = /^(?:.*?\/)?node_modules(?=\/)/;
const PLUG_AND_PLAY = /^(?:\.yarn|\.pnp\.[a-z.]+)/;
const BUILT = /^(?:dist|build|out|\.output|\.next\/(?:standalone|static)|\.next|\.svelte-kit)(?=\/)/;

/** What a package manager reads before it installs. */
const MANIFESTS = ['package.json', '.yarnrc.yml', 'pnpm-workspace.yaml'];

/** Node.js: its dependencies by the lockfile, and the `build` of package.json where its output is what runs. */
export async function findNodeBuild(
  project: Project,
  application: Application,
  { name, suite }: DockerfileBase,
): Promise<BuildStage | undefined> {
  const manifest = await readJson(project, 'package.json');
  if (!manifest) return undefined;
  const manager = await findManager(project, manifest);
  if (manager.lockfile === undefined) return undefined;
  const sources = application.layers.flatMap(({ files }) => [...files.values()].map(({ path }) => path));
  const hasScript = textAt(fieldsAt(manifest, 'scripts'), 'build') !== undefined;
  const isBuilt = hasScript && sources.some((path) => BUILT.test(path));
  const outputs = [DEPENDENCIES, PLUG_AND_PLAY, ...(isBuilt ? [BUILT] : [])];
  const outputOf: BuildStage['outputOf'] = (path) => {
    const top = outputs.map((pattern) => pattern.exec(path)?.[0]).find((one) => one !== undefined);
    return top === undefined ? undefined : { path: top, at: `${HOME}/${top}` };
  };
  if (!sources.some((path) => outputOf(path))) return undefined;
  const version = /^nodejs(\d+)/.exec(name)?.[1] ?? 'lts';
  return {
    image: `node:${version}-${suite}`,
    lines: [
      `WORKDIR ${HOME}`,
      ...managerLines(manager, manifest),
      ...(isBuilt
        ? buildLines(manager)
        : isWorkspace(project, manifest)
          ? ['COPY . ./', `RUN ${manager.install}`]
          : [
              `COPY ${copyWords([...presentOf([...MANIFESTS, manager.lockfile], project), './'])}`,
              `RUN ${manager.install}`,
            ]),
      'RUN chmod -R u=rwX,go=rX .',
    ],
    outputOf,
  };
}

function presentOf(names: readonly string[], project: Project): string[] {
  return names.filter((name) => isFile(project, name));
}

function isWorkspace(project: Project, manifest: Fields): boolean {
  return Object.hasOwn(manifest, 'workspaces') || isFile(project, 'pnpm-workspace.yaml');
}

/** The official image has npm and the first generation of yarn. */
function managerLines({ name }: PackageManager, manifest: Fields): string[] {
  if (name === 'yarn (berry)') return ['RUN npm install --global corepack && corepack enable'];
  if (name !== 'pnpm') return [];
  const version = /^pnpm@(\d[\w.-]*)/.exec(textAt(manifest, 'packageManager') ?? '')?.[1];
  return [`RUN npm install --global ${version === undefined ? 'pnpm' : `pnpm@${version}`}`];
}

function buildLines({ name, install }: PackageManager): string[] {
  const all = {
    npm: 'npm ci',
    pnpm: 'pnpm install --frozen-lockfile',
    yarn: 'yarn install --frozen-lockfile',
    'yarn (berry)': 'yarn install --immutable',
  }[name];
  const run = name === 'yarn (berry)' ? 'yarn' : name;
  return [
    'COPY . ./',
    `RUN ${all}`,
    `RUN ${run} run build`,
    `RUN ${name === 'npm' ? 'npm prune --omit=dev' : install}`,
  ];
}
