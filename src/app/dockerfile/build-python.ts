import { isFile, readToml } from '../common/documents.ts';
import { folderOf, isIn } from '../common/paths.ts';
import { fieldsAt, textAt, type Fields } from '../common/values.ts';
import type { Application, Project } from '../model.ts';
import type { BuildStage, DockerfileBase } from './model.ts';
import { shellWord } from './words.ts';

/** The Python of each release of Debian. */
const PYTHONS: Readonly<Record<string, string>> = { bookworm: '3.11', trixie: '3.13' };
const METADATA = '.dist-info/METADATA';

/** Python: its dependencies, by pip into the folder where the image has them. */
export async function findPythonBuild(
  project: Project,
  { layers }: Application,
  { suite }: DockerfileBase,
): Promise<BuildStage | undefined> {
  const pyproject = await readToml(project, 'pyproject.toml');
  const steps = stepsOf(project, pyproject);
  const places = layers.flatMap(({ files }) =>
    [...files]
      .filter(([to]) => to.endsWith(METADATA))
      .map(([to, { path }]) => [above(path), above(to)] as const),
  );
  const [first] = places;
  if (!steps || !first || places.some(([path, to]) => path !== first[0] || to !== first[1])) return undefined;
  const [path, at] = first;
  if (path === '') return undefined;
  const version = PYTHONS[suite] ?? '3';
  const install = (source: string): string =>
    `RUN pip install --no-cache-dir --no-compile --target=${shellWord(at)} ${source}`;
  return {
    image: `python:${version}-${suite}`,
    lines: [
      'WORKDIR /src',
      ...steps.map((step) => step(install)),
      `RUN chmod -R u=rwX,go=rX ${shellWord(at)}`,
    ],
    outputOf: (file) => (isIn(path, file) ? { path, at } : undefined),
  };
}

/** The folder that holds a package and what is told of it. */
function above(path: string): string {
  return folderOf(folderOf(path));
}

type Step = (install: (source: string) => string) => string;

function stepsOf(project: Project, pyproject: Fields | undefined): readonly Step[] | undefined {
  const copy = (...names: string[]): Step => {
    return () => `COPY ${names.join(' ')} ./`;
  };
  const run = (command: string): Step => {
    return () => `RUN ${command}`;
  };
  const fromList: Step = (install) => install('-r requirements.txt');
  if (pyproject && isFile(project, 'uv.lock'))
    return [
      copy('pyproject.toml', 'uv.lock'),
      run('pip install --no-cache-dir uv'),
      run('uv export --frozen --no-dev --no-emit-project --output-file requirements.txt'),
      fromList,
    ];
  if (pyproject && isFile(project, 'poetry.lock'))
    return [
      copy('pyproject.toml', 'poetry.lock'),
      run('pip install --no-cache-dir poetry poetry-plugin-export'),
      run('poetry export --only=main --output=requirements.txt'),
      fromList,
    ];
  if (isFile(project, 'requirements.txt')) return [copy('requirements.txt'), fromList];
  if (textAt(fieldsAt(pyproject ?? {}, 'project'), 'name') === undefined) return undefined;
  return [() => 'COPY . ./', (install) => install('.')];
}
