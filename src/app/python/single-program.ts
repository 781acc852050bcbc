import { openZip } from '../../archive/index.ts';
import { asApplication } from '../common/as-application.ts';
import { invalid, peekText } from '../common/documents.ts';
import { list } from '../common/left-out.ts';
import { PEEK, portsOfPython } from '../common/ports.ts';
import { fieldsAt, textAt, textsAt, type Fields } from '../common/values.ts';
import type { Application, Project } from '../model.ts';
import { PYTHON, PYTHON_ENV } from './image.ts';
import { findRuntime } from './runtime.ts';
import { findUses } from './uses.ts';

/** A program that is one file: a script, or a zipapp (Python documentation, `zipapp`). */
export async function detectSingleProgram(project: Project, path: string): Promise<Application | undefined> {
  const ending = /\.[a-z]+$/.exec(path)?.[0] ?? '';
  const head = await peekText(project, path, 256);
  const interpreter = /^#!.*\bpython(3?(?:\.\d+)?)/.exec(head)?.[1];
  const isZip = ['.pyz', '.pyzw'].includes(ending) || (interpreter !== undefined && head.includes('\nPK'));
  if (!isZip && ending !== '.py' && interpreter === undefined) return undefined;
  const compiled = isZip ? await compiledInside(project, path) : [];
  const text = isZip ? '' : await peekText(project, path, PEEK);
  const metadata = isZip ? {} : await readScriptMetadata(path, text);
  const dependencies = textsAt(metadata, 'dependencies');
  if (dependencies.length > 0)
    throw invalid(
      `${path} asks for ${list(dependencies)}, which a single file does not bring`,
      'Pack a folder: `pip install --target out/vendor PACKAGES`, the script beside it.',
      path,
    );
  const version = /^3\.\d+$/.test(interpreter ?? '') ? interpreter : undefined;
  const requires =
    textAt(metadata, 'requires-python') ?? (version === undefined ? undefined : `==${version}.*`);
  const { runtime } = await findRuntime(
    project,
    requires === undefined ? {} : { project: { 'requires-python': requires } },
    { binaries: [], example: undefined, wanted: '', accepts: () => true },
    undefined,
  );
  const uses = await findUses(project, new Map(), (one) => one === path);
  return {
    kind: 'python',
    title: isZip ? 'Python zipapp' : 'Python program (one file)',
    evidence: [`${path}: ${isZip ? 'a zipapp' : 'a Python script'}`],
    layers: [{ name: 'application', files: new Map([[`/app/${path}`, { path, mode: 0o644 }]]) }],
    needs: {
      runtime:
        requires === undefined
          ? runtime
          : { ...runtime, wanted: `${requires} (${version === undefined ? path : 'first line'})` },
      binaries: [],
      libraries: [],
      certificates: uses.certificates,
      timeZones: uses.timeZones,
    },
    config: {
      entrypoint: [PYTHON, path],
      workdir: '/app',
      env: PYTHON_ENV,
      ports: portsOfPython(text),
      labels: {},
      writable: [],
    },
    notes:
      compiled.length > 0
        ? [`compiled modules inside a zipapp cannot be loaded from it: ${list(compiled)}`]
        : [],
  };
}

/**
 * Members of a zipapp that are machine code.
 * @throws PithError APP_INVALID for what Python would not start either
 */
async function compiledInside(project: Project, path: string): Promise<string[]> {
  const size = project.files.get(path)?.size ?? 0;
  const { members } = await asApplication(path, () =>
    openZip((range) => project.read(path, range), size, path),
  );
  if (!members.has('__main__.py') && !members.has('__main__.pyc'))
    throw invalid(
      `${path} is a zipapp without __main__.py, which is what Python starts`,
      'Make it with `python3 -m zipapp FOLDER --main MODULE:FUNCTION`.',
      path,
    );
  return [...members.keys()].filter((name) => /\.so(?:\.\d+)*$/.test(name));
}

/** Inline metadata of a script (PEP 723). */
async function readScriptMetadata(path: string, text: string): Promise<Fields> {
  const block = /^# \/\/\/ script[ \t]*\r?\n((?:#(?: .*)?\r?\n)+?)# \/\/\/[ \t]*$/m.exec(text)?.[1];
  if (block === undefined) return {};
  const { parse, TomlError } = await import('smol-toml');
  try {
    return fieldsAt({ block: parse(block.replace(/^# ?/gm, '')) }, 'block');
  } catch (error) {
    if (error instanceof TomlError)
      throw invalid(`${path}: its metadata (PEP 723) is no TOML`, 'Mend what is between `# ///`.', path);
    throw error;
  }
}
