import { isFile, peekText } from '../common/documents.ts';
import { folderOf } from '../common/paths.ts';
import type { Project } from '../model.ts';
import { serve, type Service } from './servers.ts';
import { moduleOf } from './web-framework.ts';

const PORT = 8000;

/** A Django project (Django documentation, "How to deploy"): manage.py, and the wsgi.py or asgi.py beside its settings. */
export async function findDjango(
  project: Project,
  installed: ReadonlyMap<string, string>,
): Promise<Service | undefined> {
  if (!isFile(project, 'manage.py')) return undefined;
  const text = await peekText(project, 'manage.py', 64 << 10);
  const settings = /DJANGO_SETTINGS_MODULE["'][ \t]*,[ \t]*["']([\w.]{1,200})["']/.exec(text)?.[1];
  if (settings === undefined && !/\bdjango\b/.test(text)) return undefined;
  const near = folderOf((settings ?? '').replaceAll('.', '/'));
  const entries = [...project.files.keys()].filter(
    (path) => /^(?:\w+\/){1,3}[aw]sgi\.py$/.test(path) && !path.includes('site-packages'),
  );
  const pick = (name: string): string | undefined =>
    entries.find((path) => path.endsWith(`/${name}.py`) && near.startsWith(folderOf(path))) ??
    entries.find((path) => path.endsWith(`/${name}.py`));
  for (const protocol of ['wsgi', 'asgi'] as const) {
    const entry = pick(protocol);
    const served =
      entry === undefined ? undefined : serve(protocol, `${moduleOf(entry)}:application`, PORT, installed);
    if (served) return served;
  }
  return {
    words: ['manage.py', 'runserver', '--noreload', `0.0.0.0:${PORT}`],
    port: PORT,
    notes: ["Django's own server is for development: install gunicorn or uvicorn"],
  };
}
