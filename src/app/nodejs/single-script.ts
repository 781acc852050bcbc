import { PEEK, portsOfJavaScript } from '../common/ports.ts';
import { peekText } from '../common/documents.ts';
import type { Application, Project } from '../model.ts';
import { isJavaScript } from './programs.ts';
import { findRuntime } from './runtime.ts';
import { describeTypeScript } from './typescript.ts';

/** A program that is one file. */
export async function detectSingleScript(project: Project, path: string): Promise<Application | undefined> {
  if (!(await isJavaScript(project, path))) return undefined;
  const typescript = describeTypeScript(path);
  return {
    kind: 'nodejs',
    title: typescript ? 'TypeScript program (one file)' : 'Node.js program (one file)',
    evidence: [`${path}: ${typescript ? 'TypeScript' : 'JavaScript'}`],
    layers: [{ name: 'application', files: new Map([[`/app/${path}`, { path, mode: 0o644 }]]) }],
    needs: {
      runtime: await findRuntime(project, {}, typescript ? [typescript.condition] : []),
      binaries: [],
      libraries: [],
      certificates: false,
      timeZones: false,
    },
    config: {
      entrypoint: ['/nodejs/bin/node', path],
      workdir: '/app',
      env: { NODE_ENV: 'production' },
      ports: portsOfJavaScript(await peekText(project, path, PEEK)),
      labels: {},
      writable: [],
    },
    notes: typescript ? [typescript.note] : [],
  };
}
