import { PithError } from '../core/index.ts';
import { LeftOut, whyLeftOut } from './common/left-out.ts';
import type { AppSource, Detector, Project } from './model.ts';

const APP = '/app';

/** Files of which none runs, such as a web site for a server of another image: they lie below /app, and nothing starts. */
export const detectFiles: Detector = (project, request) => {
  if (project.single !== undefined && request.kind !== 'files') return Promise.resolve(undefined);
  if (request.main !== undefined)
    return Promise.reject(
      new PithError('APP_INVALID', `${request.main} would not run: of files, none is started`, {
        hint: 'Leave out the kind `files`, or what runs (`--main`).',
      }),
    );
  const leftOut = new LeftOut();
  const files = select(project, leftOut);
  if (files.size === 0)
    return Promise.reject(
      new PithError('APP_INVALID', `${project.name} holds no file that could be packed`, {
        hint: 'Build the application first, and check what .dockerignore leaves out.',
      }),
    );
  return Promise.resolve({
    kind: 'files',
    title: files.size === 1 ? 'one file' : `${files.size} files`,
    evidence: [`${project.name}: none of its files is one that pith knows how to start`],
    layers: [{ name: 'files', files }],
    needs: { binaries: [], libraries: [], certificates: false, timeZones: false },
    config: { entrypoint: [], workdir: APP, env: {}, ports: [], labels: {}, writable: [] },
    notes: [`nothing runs in this image: its files are in ${APP}`, ...leftOut.notes()],
  });
};

/** Files that git ignores stay out, unless that is all of them: then the folder is what was built. */
function select({ files }: Project, leftOut: LeftOut): Map<string, AppSource> {
  const wanted = [...files.values()].filter(({ path }) => {
    const why = whyLeftOut(path);
    if (why === 'secret') leftOut.addSecret(path);
    return why === undefined;
  });
  const isAllIgnored = wanted.every(({ isIgnoredByGit }) => isIgnoredByGit);
  const taken = wanted.filter(({ path, isIgnoredByGit }) => {
    if (isAllIgnored || !isIgnoredByGit) return true;
    leftOut.addIgnored(path);
    return false;
  });
  return new Map(taken.map(({ path }) => [`${APP}/${path}`, { path }]));
}
