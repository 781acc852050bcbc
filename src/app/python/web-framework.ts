import { peekText } from '../common/documents.ts';
import { isIn } from '../common/paths.ts';
import { portsOfPython } from '../common/ports.ts';
import type { Project } from '../model.ts';
import { runsItself } from './modules.ts';
import { serve, type Service } from './servers.ts';

export interface WebApplication {
  readonly path: string;
  readonly framework: string;
  readonly service: Service;
}

const ASGI_CLASSES = 'FastAPI|Starlette|Quart|Litestar|BlackSheep';
const OBJECT = new RegExp(
  `^([A-Za-z_]\\w{0,60})[ \\t]*(?::[ \\t]*[\\w.]{1,60}[ \\t]*)?=[ \\t]*(?:\\w{1,60}\\.)?(Flask|${ASGI_CLASSES})\\(`,
  'm',
);
const FACTORY = /^def[ \t]+(create_app|make_app)[ \t]*\([ \t]*\)/m;
const USUAL = ['app', 'main', 'server', 'wsgi', 'asgi', 'api', 'application'];
const PEEK = 1 << 20;
const MAX_LOOKED_AT = 60;

/**
 * A Flask, FastAPI or similar application, in a module with a usual name or in the file that is asked for.
 * @param isOwn whether a file is of the application and not of what it depends on
 */
export async function findWebApplication(
  project: Project,
  isOwn: (path: string) => boolean,
  installed: ReadonlyMap<string, string>,
  main: string | undefined,
): Promise<WebApplication | undefined> {
  const candidates = main === undefined ? usualFiles(project).filter(isOwn) : [main];
  for (const path of candidates) {
    const text = await peekText(project, path, PEEK);
    const [, object, framework] = OBJECT.exec(text) ?? [];
    if (object !== undefined && framework !== undefined)
      return { path, framework, service: serviceOf(path, object, framework, text, installed) };
    const factory = /\bimport\b.{0,80}\bFlask\b/.test(text) ? FACTORY.exec(text)?.[1] : undefined;
    if (factory !== undefined)
      return {
        path,
        framework: 'Flask',
        service: serviceOf(path, `${factory}()`, 'Flask', text, installed),
      };
  }
  return undefined;
}

function usualFiles(project: Project): string[] {
  const rank = (path: string): number => {
    const parts = path.replace(/^src\//, '').split('/');
    return parts.length * 10 + USUAL.indexOf((parts.at(-1) ?? '').replace(/\.py$/, ''));
  };
  return [...project.files.keys()]
    .filter((path) =>
      /^(?:src\/)?(?:[A-Za-z_]\w*\/)?(?:app|main|server|wsgi|asgi|api|application|__init__)\.py$/.test(path),
    )
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_LOOKED_AT);
}

function serviceOf(
  path: string,
  object: string,
  framework: string,
  text: string,
  installed: ReadonlyMap<string, string>,
): Service {
  const module = moduleOf(path);
  const port = Number(portsOfPython(text)[0]?.split('/')[0] ?? 8000);
  const protocol = framework === 'Flask' ? 'wsgi' : 'asgi';
  const served = serve(protocol, `${module}:${object}`, port, installed);
  if (served) return served;
  if (framework === 'Flask') {
    const words = ['-m', 'flask', '--app', `${module}:${object}`, 'run', '--host', '0.0.0.0'];
    return {
      words: [...words, '--port', String(port)],
      port,
      notes: ["Flask's own server is for development: install gunicorn or waitress"],
    };
  }
  const note = runsItself(text)
    ? `${path} starts its own server`
    : `no server is installed that serves ${framework}: install uvicorn, or ${path} ends at once`;
  return { words: [path], port, notes: [note] };
}

/** The name under which a file is imported. */
export function moduleOf(path: string): string {
  const inner = isIn('src', path) ? path.slice(4) : path;
  return inner
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}
